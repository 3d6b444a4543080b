#!/bin/sh
# run.sh BUILD SECONDS [FUZZER…]: runs each fuzzer that long, at low priority, from its seeds.
# Copyright 2026 The Interval developers
# SPDX-License-Identifier: GPL-3.0-or-later
set -e
build=$1 seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/../data/golden
work=$build/tests/fuzz/work
[ $# -gt 0 ] || set -- gguf safetensors config image-processor tokenizer chat-template

# The seeds of a fuzzer into the folder given.
seed () {
  case $1 in
    gguf) cp "$golden"/hostile/*.gguf "$2" ;;
    safetensors) cp "$golden"/hostile/safetensors/* "$golden"/hostile/st_base/model.safetensors "$2" ;;
    config)
      for folder in "$golden"/hostile/st_base "$golden"/hf/*; do
        for file in config tokenizer tokenizer_config; do
          cat "$folder/$file.json"
          printf '\0'
        done > "$2/$(basename "$folder")"
      done
      cp "$golden"/hostile/config/*.json "$2" ;;
    image-processor)
      for class in BitImageProcessor CLIPImageProcessor Gemma3ImageProcessor GotOcr2ImageProcessor LlavaImageProcessor \
          LlavaNextImageProcessor LlavaOnevisionImageProcessor SiglipImageProcessor; do
        printf '0{"image_processor_type": "%s", "size": {"height": 8, "width": 8}, "crop_size": 8, "resample": 1,
 "do_pad": true, "crop_to_patches": true, "max_patches": 4, "image_grid_pinpoints": [[8, 16], [16, 8]]}' "$class" \
          > "$2/$class"
      done
      printf 4 | cat - "$golden"/hf/qwen2.5-vl/preprocessor_config.json > "$2/qwen" ;;
    tokenizer) cp "$golden"/text/llama/prompt.txt "$golden"/tokenizer/*.json "$golden"/chat/*.jinja "$2" ;;
    chat-template) cp "$golden"/chat/*.jinja "$2" ;;
  esac
}

# Texts are encoded sixteen times each: long ones would leave little time for different ones.
length () {
  [ "$1" = tokenizer ] && echo 512 || echo 16384
}

for name; do
  mkdir -p "$work/$name/seeds" "$work/$name/corpus"
  seed "$name" "$work/$name/seeds"
  echo "== $name"
  # json-glib and GLib keep caches that a leak check at every step would take for leaks.
  nice -n 15 "$build/tests/fuzz/fuzz-$name" -max_total_time="$seconds" -max_len="$(length "$name")" -timeout=10 \
    -rss_limit_mb=2048 -malloc_limit_mb=256 -print_final_stats=1 -artifact_prefix="$work/$name/" \
    "$work/$name/corpus" "$work/$name/seeds" > "$work/$name/log" 2>&1 ||
    { tail -60 "$work/$name/log"; exit 1; }
  grep -E "stat::number_of_executed_units|cov:" "$work/$name/log" | tail -2
done
