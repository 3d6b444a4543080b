/* interval-decode: decodes one file after the other for the reader, locked into a sandbox.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/study/decode/iv-charset.h"
#include "app/study/decode/iv-decode-sandbox.h"
#include "app/study/decode/iv-decode.h"
#include "app/study/iv-decode-protocol.h"
#include "app/study/iv-info-variant.h"

/* FALSE at the end of the conversation. */
static gboolean
receive_request (IvDecodeRequest *request, int *fd)
{
  struct iovec iov = { request, sizeof *request };
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct msghdr message = { .msg_iov = &iov,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control.space };
  gssize size;
  do
    size = recvmsg (IV_DECODE_SOCKET_FD, &message, MSG_CMSG_CLOEXEC);
  while (size < 0 && errno == EINTR);
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);
  if (size != (gssize) sizeof *request || request->magic != IV_DECODE_MAGIC || header == NULL ||
      header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN (sizeof (int)))
    return FALSE;
  memcpy (fd, CMSG_DATA (header), sizeof *fd);
  return TRUE;
}

static gboolean
send_answer (const IvDecodeAnswer *answer, int fd)
{
  struct iovec iov = { (void *) answer, sizeof *answer };
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
  if (fd >= 0) {
    message.msg_control = &control;
    message.msg_controllen = sizeof control.space;
    struct cmsghdr *header = CMSG_FIRSTHDR (&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN (sizeof (int));
    memcpy (CMSG_DATA (header), &fd, sizeof fd);
  }
  return sendmsg (IV_DECODE_SOCKET_FD, &message, MSG_NOSIGNAL) == (gssize) sizeof *answer;
}

static gboolean
send_error (const GError *error)
{
  IvDecodeAnswer answer = { .magic = IV_DECODE_MAGIC };
  answer.status = 1 + (error->domain == IV_STUDY_ERROR ? error->code : IV_STUDY_ERROR_DAMAGED);
  g_strlcpy (answer.message, error->message, sizeof answer.message);
  return send_answer (&answer, -1);
}

static gboolean
write_all (int fd, gconstpointer data, gsize size, goffset offset)
{
  const char *bytes = data;
  while (size > 0) {
    gssize written = pwrite (fd, bytes, size, offset);
    if (written <= 0)
      return FALSE;
    bytes += written;
    size -= written;
    offset += written;
  }
  return TRUE;
}

/* Writes info and pixels into a memory file and seals it, so that the reader can map it without
 * fear that it changes. */
static int
make_memory_file (const IvDecodeOutput *output, IvDecodeAnswer *answer)
{
  g_autoptr (GVariant) variant = NULL;
  if (output->directory != NULL) {
    GVariantBuilder builder;
    g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add (&builder,
                           "{sv}",
                           "directory",
                           g_variant_new_strv ((const char *const *) output->directory, -1));
    variant = g_variant_ref_sink (g_variant_builder_end (&builder));
  } else {
    variant = g_variant_ref_sink (iv_info_to_variant (output->info));
  }
  answer->info_size = g_variant_get_size (variant);
  answer->pixels_offset = (answer->info_size + IV_DECODE_PIXELS_ALIGNMENT - 1) /
                          IV_DECODE_PIXELS_ALIGNMENT * IV_DECODE_PIXELS_ALIGNMENT;
  gconstpointer pixels = output->colour != NULL ? (gconstpointer) output->colour : output->pixels;
  guint64 bytes_per_pixel = output->colour != NULL ? 3 : 2;
  answer->pixels_size =
      pixels != NULL ? bytes_per_pixel * output->info->rows * output->info->columns : 0;
  int fd = memfd_create ("interval-film", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0)
    return -1;
  if (ftruncate (fd, answer->pixels_offset + answer->pixels_size) == 0 &&
      write_all (fd, g_variant_get_data (variant), answer->info_size, 0) &&
      write_all (fd, pixels, answer->pixels_size, answer->pixels_offset) &&
      fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
    return fd;
  close (fd);
  return -1;
}

static gboolean
send_output (const IvDecodeOutput *output)
{
  IvDecodeAnswer answer = { .magic = IV_DECODE_MAGIC };
  int fd = make_memory_file (output, &answer);
  if (fd < 0) {
    g_autoptr (GError) error =
        g_error_new_literal (IV_STUDY_ERROR, IV_STUDY_ERROR_LIMIT, "no memory for its pixels");
    return send_error (error);
  }
  gboolean sent = send_answer (&answer, fd);
  close (fd);
  return sent;
}

static gboolean
handle_request (const IvDecodeRequest *request, int fd)
{
  g_autoptr (GError) error = NULL;
  g_auto (IvDecodeOutput) output = { 0 };
  struct stat status;
  void *data = MAP_FAILED;
  if (fstat (fd, &status) == 0 && status.st_size > 0)
    data = mmap (NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (data == MAP_FAILED) {
    error = g_error_new (
        IV_STUDY_ERROR, IV_STUDY_ERROR_LIMIT, "cannot be mapped: %s", g_strerror (errno));
    return send_error (error);
  }
  IvDecodeInput input = {
    .data = data,
    .size = status.st_size,
    .want_pixels = request->kind != IV_DECODE_METADATA,
    .want_colour = request->kind == IV_DECODE_PICTURE,
  };
  iv_decode_sandbox_limit_cpu (request->cpu_seconds);
  gboolean decoded = iv_decode (&input, &output, &error);
  gboolean sent = decoded ? send_output (&output) : send_error (error);
  munmap (data, status.st_size);
  return sent;
}

int
main (int argc, char **argv)
{
  guint64 memory_mib = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 0;
  struct stat status;
  if (memory_mib == 0 || fstat (IV_DECODE_SOCKET_FD, &status) != 0 || !S_ISSOCK (status.st_mode)) {
    g_printerr ("interval-decode decodes films for Interval and is started by it.\n");
    return 2;
  }
  /* What needs files must happen before the sandbox closes. */
  iv_charset_prepare ();
  iv_decode_sandbox_enter (memory_mib);
  IvDecodeRequest request;
  int fd;
  gboolean going = TRUE;
  while (going && receive_request (&request, &fd)) {
    going = handle_request (&request, fd);
    close (fd);
#ifdef __GLIBC__
    /* Idle workers stay small: codecs need several times the film. */
    malloc_trim (0);
#endif
  }
  return 0;
}
