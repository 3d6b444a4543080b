/* Patients: whose image it is, and the order of their films.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/iv-patient.h"

struct _IvPatient {
  GObject parent_instance;
  char *group; /* of pictures without patient data, else NULL */
  char *name, *id, *issuer, *birth_date, *sex;
  GPtrArray *images; /* IvImage *, sorted */
};

static GType
get_item_type (GListModel *model)
{
  return IV_TYPE_IMAGE;
}

static guint
get_n_items (GListModel *model)
{
  return IV_PATIENT (model)->images->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  IvPatient *self = IV_PATIENT (model);
  if (position >= self->images->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->images, position));
}

static void
init_list_model (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (IvPatient,
                               iv_patient,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, init_list_model))

static void
iv_patient_finalize (GObject *object)
{
  IvPatient *self = IV_PATIENT (object);
  g_free (self->group);
  g_free (self->name);
  g_free (self->id);
  g_free (self->issuer);
  g_free (self->birth_date);
  g_free (self->sex);
  g_ptr_array_unref (self->images);
  G_OBJECT_CLASS (iv_patient_parent_class)->finalize (object);
}

static void
iv_patient_class_init (IvPatientClass *class)
{
  G_OBJECT_CLASS (class)->finalize = iv_patient_finalize;
}

static void
iv_patient_init (IvPatient *self)
{
  self->images = g_ptr_array_new_with_free_func (g_object_unref);
}

static char *
copy_or_empty (const char *text)
{
  return g_strdup (text != NULL ? text : "");
}

IvPatient *
iv_patient_new (IvImage *image, const char *group)
{
  const IvRadiographInfo *info = iv_image_get_info (image);
  IvPatient *self = g_object_new (IV_TYPE_PATIENT, NULL);
  gboolean is_picture = iv_image_is_picture (image);
  self->group = is_picture ? copy_or_empty (group) : NULL;
  /* A folder of pictures is called as the folder is; loose pictures have no name. */
  g_autofree char *folder = is_picture && group != NULL && g_path_is_absolute (group)
                                ? g_path_get_basename (group)
                                : NULL;
  self->name = copy_or_empty (is_picture ? folder : info->patient_name);
  self->id = copy_or_empty (info->patient_id);
  self->issuer = copy_or_empty (info->issuer_of_patient_id);
  self->birth_date = copy_or_empty (info->patient_birth_date);
  self->sex = copy_or_empty (info->patient_sex);
  return self;
}

const char *
iv_patient_get_name (IvPatient *self)
{
  return self->name;
}

const char *
iv_patient_get_id (IvPatient *self)
{
  return self->id;
}

const char *
iv_patient_get_birth_date (IvPatient *self)
{
  return self->birth_date;
}

const char *
iv_patient_get_sex (IvPatient *self)
{
  return self->sex;
}

IvImage *
iv_patient_get_current (IvPatient *self)
{
  return self->images->len > 0 ? g_ptr_array_index (self->images, self->images->len - 1) : NULL;
}

static gboolean
are_both_and_differ (const char *a, const char *b)
{
  return *a != '\0' && b != NULL && *b != '\0' && !g_str_equal (a, b);
}

static gboolean
have_same_name (const char *a, const char *b)
{
  g_autofree char *folded_a = g_utf8_casefold (a, -1);
  g_autofree char *folded_b = g_utf8_casefold (b, -1);
  return g_str_equal (folded_a, folded_b);
}

gboolean
iv_patient_owns (IvPatient *self, IvImage *image, const char *group)
{
  const IvRadiographInfo *info = iv_image_get_info (image);
  const char *id = info->patient_id != NULL ? info->patient_id : "";
  const char *name = info->patient_name != NULL ? info->patient_name : "";
  if (self->group != NULL || iv_image_is_picture (image))
    return self->group != NULL && iv_image_is_picture (image) &&
           g_strcmp0 (self->group, group != NULL ? group : "") == 0;
  if (!g_str_equal (self->id, id) ||
      are_both_and_differ (self->birth_date, info->patient_birth_date) ||
      are_both_and_differ (self->issuer, info->issuer_of_patient_id))
    return FALSE;
  if (*id != '\0')
    return TRUE;
  return *name != '\0' && have_same_name (self->name, name);
}

static gboolean
has_image (IvPatient *self, const IvRadiographInfo *info)
{
  for (guint i = 0; i < self->images->len; i++) {
    const IvRadiographInfo *other = iv_image_get_info (g_ptr_array_index (self->images, i));
    if (g_strcmp0 (other->file, info->file) == 0 ||
        (info->sop_instance_uid != NULL &&
         g_strcmp0 (other->sop_instance_uid, info->sop_instance_uid) == 0))
      return TRUE;
  }
  return FALSE;
}

gboolean
iv_patient_add (IvPatient *self, IvImage *image)
{
  guint position = 0;
  if (has_image (self, iv_image_get_info (image)))
    return FALSE;
  while (position < self->images->len &&
         iv_image_compare (g_ptr_array_index (self->images, position), image) <= 0)
    position++;
  g_ptr_array_insert (self->images, (int) position, g_object_ref (image));
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
  return TRUE;
}
