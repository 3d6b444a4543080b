/* Runs the lung-field network: weights from the resource, layers in the order of the file.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-lung-net.h"

#include <string.h>

#include <gio/gio.h>

#include "app/compare/iv-compare-error.h"
#include "iv-resources-compare.h"
#include "shaders/include/iv-shared-image.h"

#define MAGIC "IVLUNG1"
#define N_LEVELS 5
#define N_LAYERS (2 * N_LEVELS + 2 * (N_LEVELS - 1) + 1)
#define CANVAS 128
#define NORM_SIGMA 12.0 /* of the canvas, as in training */
#define NORM_FLOOR 0.05
#define PLANES_PER_GROUP 8

typedef struct {
  guint out, in, kernel;
  guint first; /* weight, in floats */
} Layer;

struct IvLungNet {
  Layer layers[N_LAYERS];
  IvPlanes *weights; /* [1, 1, n]: all layers, weights then biases */
};

G_DEFINE_QUARK (iv - compare - error - quark, iv_compare_error)

static float
half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16, exponent = (half >> 10) & 31;
  guint32 mantissa = half & 1023, bits;
  float value;
  if (exponent == 0)
    return (sign != 0 ? -1.0f : 1.0f) * mantissa / 16777216.0f;
  bits = sign | (exponent + 112) << 23 | mantissa << 13;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Reads a little-endian number and moves on; FALSE at the end. */
static gboolean
take_uint32 (const guint8 **at, const guint8 *end, guint32 *value)
{
  if (end - *at < 4)
    return FALSE;
  memcpy (value, *at, 4);
  *value = GUINT32_FROM_LE (*value);
  *at += 4;
  return TRUE;
}

static gboolean
take_layer (const guint8 **at, const guint8 *end, Layer *layer, GArray *values)
{
  if (!take_uint32 (at, end, &layer->out) || !take_uint32 (at, end, &layer->in) ||
      !take_uint32 (at, end, &layer->kernel))
    return FALSE;
  if (layer->out > 1024 || layer->in > 1024 || layer->kernel > 7)
    return FALSE;
  gsize n = (gsize) layer->out * layer->in * layer->kernel * layer->kernel + layer->out;
  if ((gsize) (end - *at) < 2 * n)
    return FALSE;
  layer->first = values->len;
  for (gsize i = 0; i < n; i++, *at += 2) {
    guint16 half;
    memcpy (&half, *at, 2);
    float value = half_to_float (GUINT16_FROM_LE (half));
    g_array_append_val (values, value);
  }
  return TRUE;
}

/* What a layer reads must be what the layers before it make. */
static gboolean
layers_fit (const Layer *layers)
{
  guint planes = 2;
  for (guint k = 0; k < N_LAYERS; k++) {
    guint level = k < 2 * N_LEVELS ? k / 2 : N_LEVELS - 2 - (k - 2 * N_LEVELS) / 2;
    gboolean joins = k >= 2 * N_LEVELS && k < N_LAYERS - 1 && k % 2 == 0;
    guint skip = joins ? layers[2 * level + 1].out : 0;
    if (layers[k].in != planes + skip || layers[k].kernel != (k == N_LAYERS - 1 ? 1 : 3))
      return FALSE;
    planes = layers[k].out;
  }
  return planes == 2;
}

IvLungNet *
iv_lung_net_new (IvPlanesPasses *passes, GError **error)
{
  g_autoptr (GBytes) bytes =
      g_resource_lookup_data (iv_compare_get_resource (),
                              "/io/github/intervalcxr/Interval/compare/lung-net.bin",
                              G_RESOURCE_LOOKUP_FLAGS_NONE,
                              error);
  if (bytes == NULL)
    return NULL;
  gsize size;
  const guint8 *at = g_bytes_get_data (bytes, &size), *end = at + size;
  g_autoptr (IvLungNet) net = g_new0 (IvLungNet, 1);
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (float));
  guint32 n_layers = 0;
  gboolean ok = size > sizeof MAGIC && memcmp (at, MAGIC, sizeof MAGIC) == 0;
  at += sizeof MAGIC;
  ok = ok && take_uint32 (&at, end, &n_layers) && n_layers == N_LAYERS;
  for (guint k = 0; ok && k < N_LAYERS; k++)
    ok = take_layer (&at, end, &net->layers[k], values);
  if (!ok || at != end || !layers_fit (net->layers)) {
    g_set_error (error,
                 IV_COMPARE_ERROR,
                 IV_COMPARE_ERROR_DATA,
                 "The weights of the lung-field network (%zu bytes) are damaged",
                 size);
    return NULL;
  }
  net->weights = iv_planes_new_from (
      passes, &(IvPlanesValues){ values->len, 1, 1, (const float *) (gpointer) values->data });
  return iv_planes_passes_run (passes, error) ? g_steal_pointer (&net) : NULL;
}

void
iv_lung_net_free (IvLungNet *net)
{
  if (net == NULL)
    return;
  g_clear_pointer (&net->weights, iv_planes_unref);
  g_free (net);
}

/* (transfer full) One layer over the planes of a and then those of b (or NULL). */
static IvPlanes *
run_layer (IvLungNet *net,
           IvPlanesPasses *passes,
           guint number,
           const IvPlanes *a,
           const IvPlanes *b)
{
  if (a == NULL)
    return NULL;
  const Layer *layer = &net->layers[number];
  IvPlanes *target = iv_planes_new (passes, a->width, a->height, layer->out);
  struct IvPushConv push = {
    .width = a->width,
    .height = a->height,
    .planes_a = a->planes,
    .planes_b = b != NULL ? b->planes : 0,
    .planes_out = layer->out,
    .kernel = layer->kernel,
    .weights = layer->first,
    .sigmoid = number == N_LAYERS - 1,
  };
  iv_planes_dispatch (passes,
                      &(IvPlanesDispatch){
                          .shader = "compare/lung-conv",
                          .images = { a, b != NULL ? b : a, net->weights, target },
                          .n_images = 4,
                          .push = &push,
                          .push_size = sizeof push,
                          .groups = { IV_VK_GROUPS (a->width, IV_IMAGE_LOCAL),
                                      a->height,
                                      IV_VK_GROUPS (layer->out, PLANES_PER_GROUP) },
                      });
  return target;
}

/* (transfer full) Two layers. */
static IvPlanes *
run_level (IvLungNet *net,
           IvPlanesPasses *passes,
           guint number,
           const IvPlanes *a,
           const IvPlanes *b)
{
  g_autoptr (IvPlanes) middle = run_layer (net, passes, number, a, b);
  return run_layer (net, passes, number + 1, middle, NULL);
}

/* (transfer full) The film letterboxed on the canvas: density and local normalisation. */
static IvPlanes *
make_input (IvPlanesPasses *passes, const IvPlanes *density, const IvPlanesArea *area)
{
  g_autoptr (IvPlanes) small = iv_planes_new (passes, CANVAS, CANVAS, 1);
  g_autoptr (IvPlanes) film = iv_planes_new (passes, CANVAS, CANVAS, 1);
  g_autoptr (IvPlanes) ones = iv_planes_new_like (passes, density);
  IvPlanes *input = iv_planes_new (passes, CANVAS, CANVAS, 2);
  iv_planes_point (
      passes,
      &(IvPlanesPoint){ .op = IV_PLANES_LINEAR, .a = density, .k = { 0, 0, 1 }, .target = ones });
  iv_planes_area (passes, density, small, area);
  iv_planes_area (passes, ones, film, area);
  iv_planes_point (
      passes, &(IvPlanesPoint){ .op = IV_PLANES_STEP, .a = film, .k = { 0.9 }, .target = film });
  iv_planes_local_norm (passes,
                        &(IvPlanesNorm){
                            .source = small,
                            .valid = film,
                            .sigma = NORM_SIGMA,
                            .floor = NORM_FLOOR,
                            .with_density = TRUE,
                            .target = input,
                        });
  return input;
}

void
iv_lung_net_find (IvLungNet *net, IvPlanesPasses *passes, const IvPlanes *density, IvPlanes *lungs)
{
  if (density == NULL || lungs == NULL)
    return;
  double scale = MAX (density->width, density->height) / (double) CANVAS;
  IvPlanesArea area = {
    .scale_x = scale,
    .scale_y = scale,
    .offset_x = 0.5 * (CANVAS - density->width / scale),
    .offset_y = 0.5 * (CANVAS - density->height / scale),
  };
  g_autoptr (IvPlanes) x = make_input (passes, density, &area);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) iv_planes_unref);
  for (guint level = 0; level < N_LEVELS; level++) {
    if (level > 0) {
      IvPlanes *half =
          x == NULL ? NULL : iv_planes_new (passes, x->width / 2, x->height / 2, x->planes);
      iv_planes_shrink (passes, x, half, 2);
      iv_planes_unref (x);
      x = half;
    }
    IvPlanes *made = run_level (net, passes, 2 * level, x, NULL);
    iv_planes_unref (x);
    x = made;
    g_ptr_array_add (kept, x != NULL ? iv_planes_ref (x) : NULL);
  }
  for (guint k = 0; k + 1 < N_LEVELS && x != NULL; k++) {
    const IvPlanes *skip = g_ptr_array_index (kept, N_LEVELS - 2 - k);
    g_autoptr (IvPlanes) twice = iv_planes_new (passes, 2 * x->width, 2 * x->height, x->planes);
    iv_planes_resize (passes, x, twice, &(IvPlanesResize){ .scale = 0.5, .gain = 1 });
    iv_planes_unref (x);
    x = run_level (net, passes, 2 * N_LEVELS + 2 * k, twice, skip);
  }
  g_autoptr (IvPlanes) found = run_layer (net, passes, N_LAYERS - 1, x, NULL);
  double shrink = 1.0 / scale - 1.0;
  double affine[6] = { 0.5 / scale - 0.5 + area.offset_x, shrink, 0,
                       0.5 / scale - 0.5 + area.offset_y, 0,      shrink };
  iv_planes_warp (passes, &(IvPlanesWarp){ .source = found, .affine = affine, .target = lungs });
}
