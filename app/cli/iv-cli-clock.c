/* Clock and processor time of what a benchmark measures.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/cli/iv-cli-clock.h"

#include <stdlib.h>
#include <time.h>

static double
processor_seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

IvCliTime
iv_cli_time_now (void)
{
  return (IvCliTime){ (double) g_get_monotonic_time () / G_USEC_PER_SEC, processor_seconds () };
}

IvCliTime
iv_cli_time_since (IvCliTime start)
{
  IvCliTime end = iv_cli_time_now ();
  return (IvCliTime){ end.wall - start.wall, end.cpu - start.cpu };
}

static int
compare_times (const void *a, const void *b)
{
  const IvCliTime *x = a, *y = b;
  return (x->wall > y->wall) - (x->wall < y->wall);
}

IvCliTime
iv_cli_time_median (IvCliTime *times, guint n)
{
  qsort (times, n, sizeof *times, compare_times);
  return times[n / 2];
}
