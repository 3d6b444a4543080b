/* Measures as a serialised GVariant, one small file for each pair of films.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/read/measure/iv-trend-cache.h"

#include <errno.h>

/* Raised whenever the comparison or a measure changes what it finds. */
#define VERSION 1
#define MOST_BYTES 4096

#define MEASURE_TYPE "(udaddddadaddu)"
#define TYPE "(u" MEASURE_TYPE MEASURE_TYPE "budd)"

static GVariant *
pack_doubles (const double *values, gsize n)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, values, n, sizeof (double));
}

static GVariant *
pack_measure (const IvFilmMeasure *m)
{
  const double ends[] = { m->heart[0].x,  m->heart[0].y,  m->heart[1].x,  m->heart[1].y,
                          m->thorax[0].x, m->thorax[0].y, m->thorax[1].x, m->thorax[1].y };

  return g_variant_new ("(ud@adddd@ad@addu)",
                        m->doubts,
                        m->ratio,
                        pack_doubles (ends, G_N_ELEMENTS (ends)),
                        m->middle,
                        m->heart_mm,
                        m->thorax_mm,
                        pack_doubles (m->lung_px, 2),
                        pack_doubles (m->lung_mm2, 2),
                        m->asymmetry,
                        (guint) m->source);
}

static gboolean
unpack_doubles (GVariant *variant, double *values, gsize n)
{
  gsize n_found;
  const double *found = g_variant_get_fixed_array (variant, &n_found, sizeof (double));

  for (gsize i = 0; n_found == n && i < n; i++)
    values[i] = found[i];
  return n_found == n;
}

static gboolean
unpack_measure (GVariant *variant, IvFilmMeasure *m)
{
  g_autoptr (GVariant) ends = NULL;
  g_autoptr (GVariant) px = NULL;
  g_autoptr (GVariant) mm2 = NULL;
  double points[8];
  guint source;

  g_variant_get (variant,
                 "(ud@adddd@ad@addu)",
                 &m->doubts,
                 &m->ratio,
                 &ends,
                 &m->middle,
                 &m->heart_mm,
                 &m->thorax_mm,
                 &px,
                 &mm2,
                 &m->asymmetry,
                 &source);
  if (!unpack_doubles (ends, points, 8) || !unpack_doubles (px, m->lung_px, 2) ||
      !unpack_doubles (mm2, m->lung_mm2, 2) || source > IV_SPACING_SCANNED)
    return FALSE;
  for (guint i = 0; i < 2; i++) {
    m->heart[i] = (IvPoint){ points[2 * i], points[2 * i + 1] };
    m->thorax[i] = (IvPoint){ points[4 + 2 * i], points[5 + 2 * i] };
  }
  m->source = source;
  return TRUE;
}

static void
append_film (GString *text, IvRadiograph *film)
{
  const IvRadiographInfo *info = iv_radiograph_get_info (film);

  g_string_append_printf (text,
                          "%s %ux%u %d %d %d %.9g %.9g %.9g %.9g\n",
                          iv_radiograph_get_digest (film),
                          info->columns,
                          info->rows,
                          info->view,
                          info->is_inverted,
                          info->spacing_source,
                          info->row_spacing,
                          info->column_spacing,
                          info->rescale_slope,
                          info->rescale_intercept);
}

char *
iv_trend_cache_name (const char *folder, IvRadiograph *current, IvRadiograph *prior)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *name = NULL;

  append_film (text, current);
  append_film (text, prior);
  name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, -1);
  return g_build_filename (folder, name, NULL);
}

gboolean
iv_trend_cache_read (const char *file, IvTrendValues *values)
{
  g_autofree char *data = NULL;
  gsize size;

  if (!g_file_get_contents (file, &data, &size, NULL) || size > MOST_BYTES)
    return FALSE;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GVariant) variant =
      g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (TYPE), bytes, FALSE));
  g_autoptr (GVariant) current = NULL;
  g_autoptr (GVariant) prior = NULL;
  guint version;
  if (!g_variant_is_normal_form (variant))
    return FALSE;
  g_variant_get (variant,
                 "(u@" MEASURE_TYPE "@" MEASURE_TYPE "budd)",
                 &version,
                 &current,
                 &prior,
                 &values->is_registered,
                 &values->n_changes,
                 &values->changes_px,
                 &values->changes_mm2);
  return version == VERSION && unpack_measure (current, &values->current) &&
         unpack_measure (prior, &values->prior);
}

gboolean
iv_trend_cache_write (const char *file, const IvTrendValues *values, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autoptr (GVariant) variant =
      g_variant_ref_sink (g_variant_new ("(u@" MEASURE_TYPE "@" MEASURE_TYPE "budd)",
                                         VERSION,
                                         pack_measure (&values->current),
                                         pack_measure (&values->prior),
                                         values->is_registered,
                                         values->n_changes,
                                         values->changes_px,
                                         values->changes_mm2));

  if (g_mkdir_with_parents (folder, 0700) != 0) {
    g_set_error (
        error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", folder, g_strerror (errno));
    return FALSE;
  }
  return g_file_set_contents (
      file, g_variant_get_data (variant), (gssize) g_variant_get_size (variant), error);
}
