/* Starts decode workers, sends them files, and checks what they answer as a stranger's word.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-decode-worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/study/iv-info-variant.h"

#define MAX_INFO_SIZE (16u << 20)
#define MAX_FILES_PER_WORKER 200 /* GDCM leaks on some broken files */

struct _IvDecodeWorker {
  GPid pid;
  int socket;
  guint n_files;
  IvDecodeLimits limits;
};

char *
iv_decode_worker_find (void)
{
  const char *named = g_getenv ("INTERVAL_DECODE");
  if (named != NULL && *named != '\0')
    return g_strdup (named);
  /* A program run from a build tree uses the worker built with it. */
  g_autofree char *directory = g_file_read_link ("/proc/self/exe", NULL);
  for (guint up = 0; directory != NULL && up < 6; up++) {
    g_autofree char *parent = g_path_get_dirname (directory);
    g_autofree char *ninja = g_build_filename (parent, "build.ninja", NULL);
    g_autofree char *worker = g_build_filename (parent, "app/study/decode/interval-decode", NULL);
    if (g_file_test (ninja, G_FILE_TEST_EXISTS) && g_file_test (worker, G_FILE_TEST_IS_EXECUTABLE))
      return g_steal_pointer (&worker);
    g_free (directory);
    directory = g_steal_pointer (&parent);
  }
  return g_build_filename (PKGLIBEXECDIR, "interval-decode", NULL);
}

IvDecodeWorker *
iv_decode_worker_start (const IvDecodeLimits *limits, GError **error)
{
  int pair[2];
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_FAILED,
                 "No socket for the decode worker: %s",
                 g_strerror (errno));
    return NULL;
  }
  g_autofree char *program = iv_decode_worker_find ();
  g_autofree char *memory = g_strdup_printf ("%u", limits->memory_mib);
  const char *arguments[] = { program, memory, NULL };
  int target = IV_DECODE_SOCKET_FD;
  GPid pid;
  gboolean started = g_spawn_async_with_pipes_and_fds (
      NULL,
      arguments,
      NULL,
      G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
      NULL,
      NULL,
      -1,
      -1,
      -1,
      &pair[1],
      &target,
      1,
      &pid,
      NULL,
      NULL,
      NULL,
      error);
  close (pair[1]);
  if (!started) {
    close (pair[0]);
    g_prefix_error (error, "The decode worker %s did not start: ", program);
    return NULL;
  }
  IvDecodeWorker *worker = g_new0 (IvDecodeWorker, 1);
  *worker = (IvDecodeWorker){ .pid = pid, .socket = pair[0], .limits = *limits };
  return worker;
}

/* Ends the process and answers how it ended, as waitpid does. */
static int
reap (IvDecodeWorker *worker, gboolean may_end_itself)
{
  int status = 0;
  if (worker->pid == 0)
    return status;
  /* A worker that closed its socket is on its way out: its own end tells more than our kill. */
  for (guint i = 0; may_end_itself && i < 200; i++) {
    if (waitpid (worker->pid, &status, WNOHANG) != 0) {
      worker->pid = 0;
      return status;
    }
    g_usleep (5000);
  }
  kill (worker->pid, SIGKILL);
  while (waitpid (worker->pid, &status, 0) < 0 && errno == EINTR)
    ;
  worker->pid = 0;
  return status;
}

void
iv_decode_worker_free (IvDecodeWorker *worker)
{
  if (worker == NULL)
    return;
  close (worker->socket);
  reap (worker, FALSE);
  g_free (worker);
}

gboolean
iv_decode_worker_is_alive (IvDecodeWorker *worker)
{
  GPollFD fd = { .fd = worker->socket, .events = G_IO_IN };
  /* Nothing was asked: the only news can be that the other end is closed. */
  return g_poll (&fd, 1, 0) == 0;
}

static gboolean
send_request (IvDecodeWorker *worker, int fd, IvDecodeKind kind)
{
  IvDecodeRequest request = { .magic = IV_DECODE_MAGIC,
                              .kind = kind,
                              .cpu_seconds = worker->limits.cpu_seconds };
  struct iovec iov = { &request, sizeof request };
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct msghdr message = { .msg_iov = &iov,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control.space };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof (int));
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  return sendmsg (worker->socket, &message, MSG_NOSIGNAL) == (gssize) sizeof request;
}

typedef enum { WAIT_READY, WAIT_CANCELLED, WAIT_TIMEOUT } WaitResult;

static WaitResult
wait_for_answer (IvDecodeWorker *worker, GCancellable *cancellable)
{
  GPollFD fds[2] = { { .fd = worker->socket, .events = G_IO_IN } };
  guint n_fds = g_cancellable_make_pollfd (cancellable, &fds[1]) ? 2 : 1;
  gint64 deadline = g_get_monotonic_time () + worker->limits.wall_seconds * G_USEC_PER_SEC;
  WaitResult result = WAIT_TIMEOUT;
  while (result == WAIT_TIMEOUT) {
    gint64 left = (deadline - g_get_monotonic_time ()) / 1000;
    if (left <= 0)
      break;
    fds[0].revents = fds[1].revents = 0;
    if (g_poll (fds, n_fds, left) <= 0)
      continue;
    if (g_cancellable_is_cancelled (cancellable))
      result = WAIT_CANCELLED;
    else if (fds[0].revents != 0)
      result = WAIT_READY;
  }
  if (n_fds == 2)
    g_cancellable_release_fd (cancellable);
  return result;
}

/* FALSE when the worker is gone or what it sent is no answer. */
static gboolean
receive_answer (IvDecodeWorker *worker, IvDecodeAnswer *answer, int *fd)
{
  struct iovec iov = { answer, sizeof *answer };
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct msghdr message = { .msg_iov = &iov,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control.space };
  *fd = -1;
  gssize size = recvmsg (worker->socket, &message, MSG_CMSG_CLOEXEC);
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);
  if (size > 0 && header != NULL && header->cmsg_level == SOL_SOCKET &&
      header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN (sizeof (int)))
    memcpy (fd, CMSG_DATA (header), sizeof *fd);
  if (size != (gssize) sizeof *answer || answer->magic != IV_DECODE_MAGIC)
    return FALSE;
  answer->message[sizeof answer->message - 1] = '\0';
  return TRUE;
}

static gboolean
refuse_answer (const char *what, GError **error)
{
  g_set_error (
      error, IV_STUDY_ERROR, IV_STUDY_ERROR_CRASHED, "the decoder sent a false answer (%s)", what);
  return FALSE;
}

static gboolean
check_answer (const IvDecodeAnswer *answer, IvDecodeKind kind, int fd, GError **error)
{
  struct stat status;
  int wanted = F_SEAL_SHRINK | F_SEAL_WRITE;
  if (fd < 0 || fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    return refuse_answer ("no memory file", error);
  /* Unsealed memory could shrink or change under the reader. */
  if ((fcntl (fd, F_GET_SEALS) & wanted) != wanted)
    return refuse_answer ("memory file not sealed", error);
  if (answer->info_size == 0 || answer->info_size > MAX_INFO_SIZE ||
      answer->pixels_size > G_MAXINT32)
    return refuse_answer ("size", error);
  if (kind == IV_DECODE_METADATA && answer->pixels_size != 0)
    return refuse_answer ("pixels where none were asked for", error);
  if (answer->pixels_offset % IV_DECODE_PIXELS_ALIGNMENT != 0 ||
      answer->pixels_offset < answer->info_size ||
      answer->pixels_offset > MAX_INFO_SIZE + IV_DECODE_PIXELS_ALIGNMENT ||
      (guint64) status.st_size < answer->pixels_offset + answer->pixels_size)
    return refuse_answer ("offset", error);
  return TRUE;
}

typedef struct {
  void *memory;
  gsize size;
} Mapping;

static void
unmap (gpointer data)
{
  g_autofree Mapping *mapping = data;
  munmap (mapping->memory, mapping->size);
}

static GBytes *
map_part (int fd, gsize offset, gsize size, GError **error)
{
  void *memory = mmap (NULL, size, PROT_READ, MAP_PRIVATE, fd, offset);
  if (memory == MAP_FAILED) {
    refuse_answer (g_strerror (errno), error);
    return NULL;
  }
  Mapping *mapping = g_new (Mapping, 1);
  *mapping = (Mapping){ memory, size };
  return g_bytes_new_with_free_func (memory, size, unmap, mapping);
}

static IvDecodeResult *
read_answer (const IvDecodeAnswer *answer, IvDecodeKind kind, int fd, GError **error)
{
  if (!check_answer (answer, kind, fd, error))
    return NULL;
  g_autoptr (GBytes) bytes = map_part (fd, 0, answer->info_size, error);
  if (bytes == NULL)
    return NULL;
  g_autoptr (GVariant) variant =
      g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
  if (!g_variant_is_normal_form (variant)) {
    refuse_answer ("metadata", error);
    return NULL;
  }
  g_autoptr (IvDecodeResult) result = g_new0 (IvDecodeResult, 1);
  if (g_variant_lookup (variant, "directory", "^as", &result->directory))
    return g_steal_pointer (&result);
  result->info = iv_info_from_variant (variant, error);
  if (result->info == NULL)
    return NULL;
  if (kind == IV_DECODE_METADATA)
    return g_steal_pointer (&result);
  guint64 n = (guint64) result->info->rows * result->info->columns;
  result->in_colour = kind == IV_DECODE_PICTURE && answer->pixels_size == 3 * n;
  if (answer->pixels_size != (result->in_colour ? 3 : 2) * n) {
    refuse_answer ("number of pixels", error);
    return NULL;
  }
  result->pixels = map_part (fd, answer->pixels_offset, answer->pixels_size, error);
  return result->pixels != NULL ? g_steal_pointer (&result) : NULL;
}

static void
set_death_error (IvDecodeWorker *worker, int status, GError **error)
{
  int signal = WIFSIGNALED (status) ? WTERMSIG (status) : 0;
  if (signal == SIGXCPU)
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_LIMIT,
                 "decoding it took more than %u s of processor time",
                 worker->limits.cpu_seconds);
  else if (signal == SIGABRT)
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_CRASHED,
                 "the file breaks a rule that the DICOM library insists on; its decoder gave up");
  else if (signal != 0)
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_CRASHED,
                 "its decoder crashed (%s)",
                 g_strsignal (signal));
  else
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_CRASHED,
                 "its decoder ended without an answer (status %d)",
                 WIFEXITED (status) ? WEXITSTATUS (status) : -1);
}

/* An answer that has arrived: a film, or the worker's own refusal. */
static IvDecodeResult *
take_answer (const IvDecodeAnswer *answer,
             int fd,
             const IvDecodeJob *job,
             gboolean *is_usable,
             GError **error)
{
  if (answer->status == 0) {
    IvDecodeResult *result = read_answer (answer, job->kind, fd, error);
    *is_usable = result != NULL;
    return result;
  }
  g_autofree char *message = g_utf8_make_valid (answer->message, -1);
  int code = (int) MIN (answer->status - 1, IV_STUDY_ERROR_LIMIT);
  g_set_error_literal (error, IV_STUDY_ERROR, code, message);
  /* After running out of memory a process is in no state to go on. */
  *is_usable = code != IV_STUDY_ERROR_LIMIT;
  return NULL;
}

static IvDecodeResult *
ask (IvDecodeWorker *worker,
     int file_fd,
     const IvDecodeJob *job,
     gboolean *is_usable,
     GError **error)
{
  WaitResult waited = WAIT_READY;
  if (send_request (worker, file_fd, job->kind))
    waited = wait_for_answer (worker, job->cancellable);
  if (waited == WAIT_CANCELLED) {
    g_cancellable_set_error_if_cancelled (job->cancellable, error);
    return NULL;
  }
  if (waited == WAIT_TIMEOUT) {
    g_set_error (error,
                 IV_STUDY_ERROR,
                 IV_STUDY_ERROR_LIMIT,
                 "decoding it took more than %u s",
                 worker->limits.wall_seconds);
    return NULL;
  }
  IvDecodeAnswer answer;
  IvDecodeResult *result = NULL;
  int fd;
  if (receive_answer (worker, &answer, &fd))
    result = take_answer (&answer, fd, job, is_usable, error);
  else
    set_death_error (worker, reap (worker, TRUE), error);
  if (fd >= 0)
    close (fd);
  return result;
}

static int
open_file (const char *file, GError **error)
{
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat status;
  if (fd < 0) {
    g_set_error_literal (error, IV_STUDY_ERROR, IV_STUDY_ERROR_FAILED, g_strerror (errno));
    return -1;
  }
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_size > 0)
    return fd;
  g_set_error_literal (error,
                       IV_STUDY_ERROR,
                       IV_STUDY_ERROR_FORMAT,
                       S_ISREG (status.st_mode) ? "the file is empty" : "not a file");
  close (fd);
  return -1;
}

IvDecodeResult *
iv_decode_worker_run (IvDecodeWorker *worker,
                      const IvDecodeJob *job,
                      gboolean *is_usable,
                      GError **error)
{
  g_autoptr (GError) reason = NULL;
  IvDecodeResult *result = NULL;
  int fd = open_file (job->file, &reason);
  *is_usable = TRUE;
  if (fd >= 0) {
    *is_usable = FALSE;
    result = ask (worker, fd, job, is_usable, &reason);
    close (fd);
  }
  if (++worker->n_files >= MAX_FILES_PER_WORKER)
    *is_usable = FALSE;
  if (result != NULL && result->info != NULL) {
    g_free (result->info->file);
    result->info->file = g_canonicalize_filename (job->file, NULL);
  } else if (reason != NULL) {
    if (reason->domain == IV_STUDY_ERROR)
      g_prefix_error (&reason, "%s: ", job->file);
    g_propagate_error (error, g_steal_pointer (&reason));
  }
  return result;
}
