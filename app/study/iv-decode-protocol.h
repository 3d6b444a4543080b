/* What the reader and its decode worker say to each other over a sequenced-packet socket.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A request is one packet: this structure, with the opened file attached as a descriptor. The
 * worker itself can open nothing. An answer is one packet too. When it is an image, a sealed memory
 * file is attached that holds the info (a serialised GVariant "a{sv}"), zeros up to pixels_offset,
 * and the pixels. The reader checks every field: the worker has handled a stranger's file. */

#define IV_DECODE_MAGIC 0x76494a31u
#define IV_DECODE_SOCKET_FD 3
#define IV_DECODE_PIXELS_ALIGNMENT 4096

typedef enum {
  IV_DECODE_PIXELS,   /* info and pixels, 16 bits each; a colour picture is refused */
  IV_DECODE_METADATA, /* info only; a DICOMDIR answers with the files it lists */
  IV_DECODE_PICTURE,  /* as IV_DECODE_PIXELS, but of a picture in colour three bytes a pixel */
} IvDecodeKind;

typedef struct {
  guint32 magic;
  guint32 kind;
  guint32 cpu_seconds; /* for this file */
} IvDecodeRequest;

typedef struct {
  guint32 magic;
  guint32 status; /* 0, or 1 + an IvStudyError */
  guint64 info_size;
  guint64 pixels_offset;
  guint64 pixels_size;
  char message[992]; /* UTF-8 reason, without the file's name, when status is not 0 */
} IvDecodeAnswer;

G_STATIC_ASSERT (sizeof (IvDecodeAnswer) == 1024);

G_END_DECLS
