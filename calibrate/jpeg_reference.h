/* What decoding a JPEG (4:2:0) must give, worked out without the decoder's colour path:
 * planes of light and colour are compared with the picture that went in, and pixels
 * with what the JFIF standard makes of those planes.
 */
#ifndef CALIBRATE_JPEG_REFERENCE_H
#define CALIBRATE_JPEG_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "calibrate/input_image.h"

struct cal_planes {
    int32_t width, height; /* even; the colours have half of each */
    unsigned char *y, *cb, *cr;
};

/* Planes for images of this size, on the heap. */
struct cal_planes *cal_planes_new(const struct cal_image *image);
void cal_planes_free(struct cal_planes *planes); /* NULL is fine */

/* How far, as a root mean square, quantising at `quality` may move the levels of a
 * plane of light or of colour.  By Parseval's law the squares of a block's pixels are
 * those of its coefficients, and rounding moves a coefficient by at most half of its
 * step q: so by sqrt(mean(q^2) / 4), and 1.5 levels for the roundings on the way. */
double cal_jpeg_rms_most(bool colour, int32_t quality);

/* Whether each plane's root mean square difference from the source's is at most that.
 *   SP_EIO  it is not: which plane, how much, and the bound. */
enum sp_status cal_planes_near(const struct cal_planes *planes,
                               const struct cal_image *source, int32_t quality,
                               struct sp_err *err);

/* Whether the pixels are those of the planes: colours enlarged by the triangle filter
 * (9:3:3:1), JFIF's matrix, and at most 2 levels off for the decoder's whole numbers.
 *   SP_EIO  they are not: which pixel, found and expected. */
enum sp_status cal_planes_give(const struct cal_planes *planes,
                               const struct cal_image *pixels, struct sp_err *err);

#endif
