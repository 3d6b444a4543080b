/* The walls around the decode worker, tried from inside.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/study/decode/iv-decode-sandbox.h"

/* Runs attempt behind the walls; its exit status, or minus the signal that ended it. */
static int
run_inside (int (*attempt) (void))
{
  int status;
  pid_t pid = fork ();
  if (pid == 0) {
    iv_decode_sandbox_enter (256);
    _exit (attempt ());
  }
  g_assert_cmpint (pid, >, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return WIFSIGNALED (status) ? -WTERMSIG (status) : WEXITSTATUS (status);
}

static int
try_open (void)
{
  return open ("/etc/hostname", O_RDONLY) < 0 ? errno : 0;
}

static int
try_socket (void)
{
  return socket (AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int
try_fork (void)
{
  pid_t pid = fork ();
  if (pid == 0)
    _exit (0);
  return pid < 0 ? errno : 0;
}

static int
try_exec (void)
{
  execl ("/bin/true", "true", NULL);
  return errno;
}

static int
try_memory (void)
{
  volatile char *memory = g_try_malloc (400u << 20);
  return memory == NULL ? ENOMEM : 0;
}

static int
try_spin (void)
{
  volatile guint64 turns = 0;
  iv_decode_sandbox_limit_cpu (0);
  while (TRUE)
    turns++;
  return 0;
}

static void
test_calls (void)
{
  if (!iv_decode_sandbox_has_filter ()) {
    g_test_skip ("built without a system call filter (libseccomp missing, or a sanitizer build)");
    return;
  }
  g_assert_cmpint (run_inside (try_open), ==, EPERM);
  g_assert_cmpint (run_inside (try_socket), ==, EPERM);
  g_assert_cmpint (run_inside (try_fork), ==, EPERM);
  g_assert_cmpint (run_inside (try_exec), ==, EPERM);
}

static void
test_memory (void)
{
  if (!iv_decode_sandbox_has_filter ()) {
    g_test_skip ("built without limits on address space");
    return;
  }
  g_assert_cmpint (run_inside (try_memory), ==, ENOMEM);
}

static void
test_processor_time (void)
{
  g_assert_cmpint (run_inside (try_spin), ==, -SIGXCPU);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sandbox/calls", test_calls);
  g_test_add_func ("/sandbox/memory", test_memory);
  g_test_add_func ("/sandbox/processor-time", test_processor_time);
  return g_test_run ();
}
