/* JPEG's arithmetic, done plainly in doubles. */
#include "calibrate/jpeg_reference.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"

/* ITU-T T.81, tables K.1 and K.2, in rows. */
static const unsigned char LIGHT_STEPS[64] = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
static const unsigned char COLOUR_STEPS[64] = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

struct cal_planes *cal_planes_new(const struct cal_image *image)
{
    struct cal_planes *p = sp_xcalloc(1, sizeof *p);
    size_t pixels = (size_t)image->width * (size_t)image->height;

    sp_assert(image->width % 2 == 0 && image->height % 2 == 0);
    p->width = image->width;
    p->height = image->height;
    p->y = sp_xcalloc(pixels, 1);
    p->cb = sp_xcalloc(pixels / 4, 1);
    p->cr = sp_xcalloc(pixels / 4, 1);
    return p;
}

void cal_planes_free(struct cal_planes *p)
{
    if (p == NULL)
        return;
    free(p->y);
    free(p->cb);
    free(p->cr);
    free(p);
}

/* ---- near the source ---- */

/* The tables are scaled as libjpeg does for a quality of 1 to 100. */
double cal_jpeg_rms_most(bool colour, int32_t quality)
{
    const unsigned char *steps = colour ? COLOUR_STEPS : LIGHT_STEPS;
    int32_t scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    double sum = 0;

    for (int i = 0; i < 64; i++) {
        double q = fmax(1, fmin(255, (steps[i] * scale + 50) / 100));

        sum += q * q / 4;
    }
    return sqrt(sum / 64) + 1.5;
}

/* JFIF's light and colour of a pixel, by one row of its matrix. */
static double weighed(const unsigned char *rgb, const double *row)
{
    return row[0] + row[1] * rgb[0] + row[2] * rgb[1] + row[3] * rgb[2];
}

/* Mean of the side x side pixels at the top left of which (x, y) stands. */
static double source_level(const struct cal_image *source, const double *row, int32_t x,
                           int32_t y, int32_t side)
{
    double sum = 0;

    for (int32_t dy = 0; dy < side; dy++)
        for (int32_t dx = 0; dx < side; dx++)
            sum += weighed(source->rgb + 3 * ((size_t)(y + dy) * (size_t)source->width +
                                              (size_t)(x + dx)),
                           row);
    return sum / (side * side);
}

static double rms_from_source(const unsigned char *plane, int32_t side,
                              const struct cal_image *source, const double *row)
{
    double sum = 0;
    size_t n = 0;

    for (int32_t y = 0; y < source->height; y += side)
        for (int32_t x = 0; x < source->width; x += side, n++) {
            double diff = plane[n] - source_level(source, row, x, y, side);

            sum += diff * diff;
        }
    return sqrt(sum / (double)n);
}

enum sp_status cal_planes_near(const struct cal_planes *planes,
                               const struct cal_image *source, int32_t quality,
                               struct sp_err *err)
{
    const struct {
        const char *name;
        const unsigned char *plane;
        int32_t side; /* pixels that a sample stands for, along and across */
        double row[4];
    } parts[] = {
        {"Y", planes->y, 1, {0, 0.299, 0.587, 0.114}},
        {"Cb", planes->cb, 2, {128, -0.168736, -0.331264, 0.5}},
        {"Cr", planes->cr, 2, {128, 0.5, -0.418688, -0.081312}},
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        double rms =
            rms_from_source(parts[i].plane, parts[i].side, source, parts[i].row);
        double most = cal_jpeg_rms_most(parts[i].side > 1, quality);

        if (!(rms <= most))
            return sp_fail(err, SP_EIO,
                           "%s differs from the source by %.2f levels (PSNR %.1f dB), "
                           "expected at most %.2f",
                           parts[i].name, rms, 20 * log10(255 / rms), most);
    }
    return SP_OK;
}

/* ---- the planes' pixels ---- */

static double sample(const unsigned char *plane, const struct cal_planes *p, int32_t x,
                     int32_t y)
{
    int32_t width = p->width / 2, height = p->height / 2;

    x = x < 0 ? 0 : x >= width ? width - 1 : x;
    y = y < 0 ? 0 : y >= height ? height - 1 : y;
    return plane[(size_t)y * (size_t)width + (size_t)x];
}

/* Three parts of the nearest sample and one of the next, along and across. */
static double enlarged(const unsigned char *plane, const struct cal_planes *p,
                       int32_t x, int32_t y)
{
    int32_t nx = x / 2, ny = y / 2;
    int32_t fx = x % 2 == 0 ? nx - 1 : nx + 1, fy = y % 2 == 0 ? ny - 1 : ny + 1;

    return (9 * sample(plane, p, nx, ny) + 3 * sample(plane, p, fx, ny) +
            3 * sample(plane, p, nx, fy) + sample(plane, p, fx, fy)) /
           16;
}

static void expected_pixel(const struct cal_planes *p, int32_t x, int32_t y,
                           double *rgb)
{
    double light = p->y[(size_t)y * (size_t)p->width + (size_t)x];
    double blue = enlarged(p->cb, p, x, y) - 128;
    double red = enlarged(p->cr, p, x, y) - 128;

    rgb[0] = light + 1.402 * red;
    rgb[1] = light - 0.344136 * blue - 0.714136 * red;
    rgb[2] = light + 1.772 * blue;
    for (int i = 0; i < 3; i++)
        rgb[i] = fmax(0, fmin(255, rgb[i]));
}

enum sp_status cal_planes_give(const struct cal_planes *planes,
                               const struct cal_image *pixels, struct sp_err *err)
{
    const unsigned char *at = pixels->rgb;

    for (int32_t y = 0; y < planes->height; y++)
        for (int32_t x = 0; x < planes->width; x++, at += 3) {
            double want[3];

            expected_pixel(planes, x, y, want);
            for (int i = 0; i < 3; i++)
                if (!(fabs(at[i] - want[i]) <= 2))
                    return sp_fail(err, SP_EIO,
                                   "%s of pixel (%d, %d) is %d, expected %.1f within 2",
                                   (const char *const[]){"red", "green", "blue"}[i], x,
                                   y, at[i], want[i]);
        }
    return SP_OK;
}
