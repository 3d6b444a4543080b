/* Resource limits and the system call filter of the decode worker.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/decode/iv-decode-sandbox.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

/* AddressSanitizer reserves terabytes of address space and needs files for its reports. */
#if defined(HAVE_SECCOMP) && !defined(UNDER_ASAN)
#define HAVE_FILTER 1
#include <seccomp.h>
#endif

gboolean
iv_decode_sandbox_has_filter (void)
{
#ifdef HAVE_FILTER
  return TRUE;
#else
  return FALSE;
#endif
}

#ifdef HAVE_FILTER
static const int allowed_calls[] = {
  SCMP_SYS (brk),
  SCMP_SYS (clock_gettime),
  SCMP_SYS (clock_nanosleep),
  SCMP_SYS (close),
  SCMP_SYS (exit),
  SCMP_SYS (exit_group),
  SCMP_SYS (fcntl),
  SCMP_SYS (fstat),
  SCMP_SYS (ftruncate),
  SCMP_SYS (futex),
  SCMP_SYS (getpid),
  SCMP_SYS (getrandom),
  SCMP_SYS (getrusage),
  SCMP_SYS (gettid),
  SCMP_SYS (lseek),
  SCMP_SYS (madvise),
  SCMP_SYS (memfd_create),
  SCMP_SYS (mmap),
  SCMP_SYS (mprotect),
  SCMP_SYS (mremap),
  SCMP_SYS (munmap),
  SCMP_SYS (newfstatat),
  SCMP_SYS (nanosleep),
  SCMP_SYS (pread64),
  SCMP_SYS (prlimit64),
  SCMP_SYS (pwrite64),
  SCMP_SYS (read),
  SCMP_SYS (recvmsg),
  SCMP_SYS (restart_syscall),
  SCMP_SYS (rt_sigaction),
  SCMP_SYS (rt_sigprocmask),
  SCMP_SYS (rt_sigreturn),
  SCMP_SYS (sched_getaffinity),
  SCMP_SYS (sched_yield),
  SCMP_SYS (sendmsg),
  SCMP_SYS (setrlimit),
  SCMP_SYS (sigaltstack),
  SCMP_SYS (sysinfo),
  SCMP_SYS (tgkill),
  SCMP_SYS (write),
  SCMP_SYS (writev),
};

/* Everything else answers EPERM, so that a library that asks for too much goes on without. */
static void
filter_calls (void)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ERRNO (EPERM));
  if (filter == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (allowed_calls); i++)
    seccomp_rule_add (filter, SCMP_ACT_ALLOW, allowed_calls[i], 0);
  seccomp_load (filter);
  seccomp_release (filter);
}
#endif

static void
limit (int resource, guint64 value)
{
  struct rlimit limit = { value, value };
  setrlimit (resource, &limit);
}

void
iv_decode_sandbox_enter (guint64 memory_mib)
{
  limit (RLIMIT_CORE, 0);
  limit (RLIMIT_NPROC, 0);
  limit (RLIMIT_NOFILE, 16);
#ifndef UNDER_ASAN
  limit (RLIMIT_AS, memory_mib << 20);
#endif
  prctl (PR_SET_DUMPABLE, 0);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifdef HAVE_FILTER
  filter_calls ();
#endif
}

void
iv_decode_sandbox_limit_cpu (guint seconds)
{
  struct rusage usage;
  struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
  if (getrusage (RUSAGE_SELF, &usage) != 0)
    return;
  limit.rlim_cur = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1 + seconds;
  setrlimit (RLIMIT_CPU, &limit);
}
