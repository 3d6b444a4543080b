/* A decode worker that misbehaves as the first byte of the file says.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/study/iv-decode-protocol.h"
#include "app/study/iv-info-variant.h"

static gboolean
receive (IvDecodeRequest *request, int *fd)
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
  if (recvmsg (IV_DECODE_SOCKET_FD, &message, 0) != (gssize) sizeof *request)
    return FALSE;
  memcpy (fd, CMSG_DATA (CMSG_FIRSTHDR (&message)), sizeof *fd);
  return TRUE;
}

static void
reply (const IvDecodeAnswer *answer, gsize size, int fd)
{
  struct iovec iov = { (void *) answer, size };
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
  sendmsg (IV_DECODE_SOCKET_FD, &message, MSG_NOSIGNAL);
}

/* A film of 2 × 2 that is right but for what kind spoils. */
static void
answer_film (char kind)
{
  IvDecodeAnswer answer = { .magic = IV_DECODE_MAGIC };
  g_autoptr (IvRadiographInfo) info = iv_radiograph_info_new ();
  info->rows = info->columns = 2;
  info->bits_allocated = info->bits_stored = kind == 'b' ? 99 : 16;
  info->rescale_slope = kind == 's' ? 0 : 1;
  g_autoptr (GVariant) variant = g_variant_ref_sink (iv_info_to_variant (info));
  int fd = memfd_create ("film", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  answer.info_size = kind == 'i' ? G_MAXUINT64 : g_variant_get_size (variant);
  answer.pixels_offset = kind == 'o' ? 4097 : 4096;
  answer.pixels_size = kind == 'p' ? 1 << 20 : kind == 'n' ? 6 : 8;
  gsize size = g_variant_get_size (variant);
  if (ftruncate (fd, 4096 + 8) != 0 || pwrite (fd, g_variant_get_data (variant), size, 0) < 0)
    abort ();
  if (kind == 'g' && pwrite (fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 0) < 0)
    abort ();
  if (kind != 'u')
    fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  if (kind == 'm')
    answer.magic = 1;
  reply (&answer, sizeof answer, kind == 'f' ? STDIN_FILENO : kind == 'd' ? -1 : fd);
  close (fd);
}

static void
misbehave (char kind, const IvDecodeRequest *request)
{
  struct rlimit limit = { request->cpu_seconds, RLIM_INFINITY };
  volatile guint64 turns = 0;
  IvDecodeAnswer answer = { .magic = IV_DECODE_MAGIC, .status = 1 };
  switch (kind) {
  case 'A':
    abort ();
  case 'S':
    signal (SIGSEGV, SIG_DFL); /* sanitizers catch it */
    raise (SIGSEGV);
    break;
  case 'E':
    exit (0);
  case 'H':
    pause ();
    break;
  case 'C':
    setrlimit (RLIMIT_CPU, &limit);
    while (TRUE)
      turns++;
    break;
  case 'T':
    reply (&answer, 10, -1);
    break;
  case 'M':
    memset (answer.message, 0xff, sizeof answer.message);
    reply (&answer, sizeof answer, -1);
    break;
  default:
    answer_film (kind);
    break;
  }
}

int
main (int argc, char **argv)
{
  IvDecodeRequest request;
  int fd;
  char kind;
  while (receive (&request, &fd)) {
    if (pread (fd, &kind, 1, 0) != 1)
      return 1;
    close (fd);
    misbehave (kind, &request);
  }
  return 0;
}
