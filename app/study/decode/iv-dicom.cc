/* The only C++ of Interval: GDCM behind a C interface that lets no exception out.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/study/decode/iv-dicom.h"

#include <cstring>
#include <istream>
#include <set>
#include <streambuf>
#include <vector>

#include <gdcmBitmap.h>
#include <gdcmReader.h>
#include <gdcmSequenceOfFragments.h>
#include <gdcmSequenceOfItems.h>
#include <gdcmTrace.h>
#include <gdcmUIDs.h>

namespace {

/* Two blocks of memory, one after the other, as one readable and seekable stream: the data set is
 * mapped from the file and never copied. */
class TwoBlocks : public std::streambuf {
public:
  explicit TwoBlocks (const IvDicomSource &source)
      : blocks{ { source.header, source.header_size }, { source.data, source.size } }
  {
    enter (0, 0);
  }

protected:
  int_type
  underflow () override
  {
    if (gptr () < egptr ())
      return traits_type::to_int_type (*gptr ());
    if (current == 1 || blocks[1].size == 0)
      return traits_type::eof ();
    enter (1, 0);
    return traits_type::to_int_type (*gptr ());
  }

  pos_type
  seekoff (off_type offset, std::ios_base::seekdir direction, std::ios_base::openmode) override
  {
    off_type total = (off_type) (blocks[0].size + blocks[1].size);
    off_type base = direction == std::ios_base::cur   ? position ()
                    : direction == std::ios_base::end ? total
                                                      : 0;
    off_type target = base + offset;
    if (target < 0 || target > total)
      return pos_type (off_type (-1));
    if (target < (off_type) blocks[0].size)
      enter (0, (gsize) target);
    else
      enter (1, (gsize) target - blocks[0].size);
    return pos_type (target);
  }

  pos_type
  seekpos (pos_type target, std::ios_base::openmode mode) override
  {
    return seekoff (off_type (target), std::ios_base::beg, mode);
  }

private:
  struct Block {
    const guint8 *data;
    gsize size;
  };
  Block blocks[2];
  int current = 0;

  void
  enter (int block, gsize offset)
  {
    current = block;
    char *start = (char *) blocks[block].data;
    setg (start, start + offset, start + blocks[block].size);
  }

  off_type
  position () const
  {
    return (off_type) (current == 1 ? blocks[0].size : 0) + (gptr () - eback ());
  }
};

gdcm::Tag
to_tag (IvDicomTag tag)
{
  return gdcm::Tag ((uint16_t) (tag >> 16), (uint16_t) (tag & 0xffff));
}

const gdcm::DataSet &
to_data_set (const IvDicomItem *item)
{
  return *reinterpret_cast<const gdcm::DataSet *> (item);
}

const IvDicomItem *
to_item (const gdcm::DataSet &data_set)
{
  return reinterpret_cast<const IvDicomItem *> (&data_set);
}

const guint8 *
bytes_of (const gdcm::ByteValue *value, gsize *size)
{
  *size = value != nullptr ? (gsize) value->GetLength () : 0;
  return *size > 0 ? reinterpret_cast<const guint8 *> (value->GetPointer ()) : nullptr;
}

void
say (char *message, const char *text)
{
  g_strlcpy (message, text, IV_DICOM_MESSAGE_SIZE);
}

} // namespace

struct _IvDicom {
  explicit _IvDicom (const IvDicomSource &source) : blocks (source), stream (&blocks)
  {
  }
  TwoBlocks blocks;
  std::istream stream;
  gdcm::Reader reader;
  gsize pixel_offset = G_MAXSIZE;
  /* Sequences that were parsed on demand; their items are lent out. */
  std::vector<gdcm::SmartPointer<gdcm::SequenceOfItems>> sequences;
};

IvDicom *
iv_dicom_read (const IvDicomSource *source, char message[IV_DICOM_MESSAGE_SIZE])
{
  gdcm::Trace::DebugOff ();
  gdcm::Trace::WarningOff ();
  gdcm::Trace::ErrorOff ();
  IvDicom *dicom = nullptr;
  try {
    dicom = new IvDicom (*source);
    dicom->reader.SetStream (dicom->stream);
    /* Skipping the pixel data leaves the stream where their value begins. */
    gdcm::Tag pixels = to_tag (IV_DICOM_PIXEL_DATA);
    std::set<gdcm::Tag> skipped = { pixels };
    if (dicom->reader.ReadUpToTag (pixels, skipped)) {
      std::streamoff position =
          dicom->stream.good () ? (std::streamoff) dicom->stream.tellg () : -1;
      if (position >= (std::streamoff) source->header_size)
        dicom->pixel_offset = (gsize) position - source->header_size;
      return dicom;
    }
    say (message, "its data elements cannot be followed");
  } catch (const std::bad_alloc &) {
    say (message, "");
  } catch (const std::exception &exception) {
    say (message, exception.what ());
  } catch (...) {
    say (message, "its data elements break the rules");
  }
  iv_dicom_free (dicom);
  return nullptr;
}

void
iv_dicom_free (IvDicom *dicom)
{
  try {
    delete dicom;
  } catch (...) {
  }
}

const IvDicomItem *
iv_dicom_get_root (IvDicom *dicom)
{
  return to_item (dicom->reader.GetFile ().GetDataSet ());
}

gsize
iv_dicom_get_pixel_offset (IvDicom *dicom)
{
  return dicom->pixel_offset;
}

const guint8 *
iv_dicom_get_value (const IvDicomItem *item, IvDicomTag tag, gsize *size)
{
  *size = 0;
  try {
    const gdcm::DataSet &data_set = to_data_set (item);
    gdcm::Tag wanted = to_tag (tag);
    if (data_set.FindDataElement (wanted))
      return bytes_of (data_set.GetDataElement (wanted).GetByteValue (), size);
  } catch (...) {
  }
  return nullptr;
}

const IvDicomItem *
iv_dicom_get_item (IvDicom *dicom, const IvDicomItem *item, IvDicomTag tag, guint index)
{
  try {
    const gdcm::DataSet &data_set = to_data_set (item);
    gdcm::Tag wanted = to_tag (tag);
    if (!data_set.FindDataElement (wanted))
      return nullptr;
    auto sequence = data_set.GetDataElement (wanted).GetValueAsSQ ();
    if (!sequence || index >= sequence->GetNumberOfItems ())
      return nullptr;
    dicom->sequences.push_back (sequence);
    return to_item (sequence->GetItem (index + 1).GetNestedDataSet ());
  } catch (...) {
    return nullptr;
  }
}

static void
fill_bitmap (gdcm::Bitmap &bitmap, const IvDicomFrame *frame)
{
  gdcm::Fragment fragment;
  fragment.SetByteValue (reinterpret_cast<const char *> (frame->data),
                         gdcm::VL ((uint32_t) frame->size));
  gdcm::SmartPointer<gdcm::SequenceOfFragments> fragments = new gdcm::SequenceOfFragments;
  fragments->AddFragment (fragment);
  gdcm::DataElement element (to_tag (IV_DICOM_PIXEL_DATA));
  element.SetVR (gdcm::VR::OB);
  element.SetValue (*fragments);
  gdcm::PixelFormat format (1,
                            (unsigned short) frame->bits_allocated,
                            (unsigned short) frame->bits_stored,
                            (unsigned short) frame->high_bit,
                            frame->is_signed ? 1 : 0);
  bitmap.SetNumberOfDimensions (2);
  bitmap.SetDimension (0, frame->columns);
  bitmap.SetDimension (1, frame->rows);
  bitmap.SetPixelFormat (format);
  bitmap.SetPhotometricInterpretation (frame->is_monochrome1
                                           ? gdcm::PhotometricInterpretation::MONOCHROME1
                                           : gdcm::PhotometricInterpretation::MONOCHROME2);
  bitmap.SetTransferSyntax (gdcm::TransferSyntax::GetTSType (frame->transfer_syntax));
  bitmap.SetDataElement (element);
}

gboolean
iv_dicom_decode_frame (const IvDicomFrame *frame,
                       guint8 *out,
                       guint *out_bits,
                       char message[IV_DICOM_MESSAGE_SIZE])
{
  try {
    gdcm::Bitmap bitmap;
    fill_bitmap (bitmap, frame);
    gsize n = (gsize) frame->rows * frame->columns;
    if (bitmap.GetBufferLength () > 2 * n) {
      say (message, "its pixels are deeper than 16 bits");
      return FALSE;
    }
    if (!bitmap.GetBuffer (reinterpret_cast<char *> (out))) {
      say (message, "its compressed pixels cannot be decoded");
      return FALSE;
    }
    *out_bits = bitmap.GetPixelFormat ().GetBitsAllocated ();
    return TRUE;
  } catch (const std::bad_alloc &) {
    say (message, "");
  } catch (const std::exception &exception) {
    say (message, exception.what ());
  } catch (...) {
    say (message, "its compressed pixels break the rules");
  }
  return FALSE;
}
