/* Made-up photographs, drawn row by row. */
#include "calibrate/input_image.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/rng.h"

enum { N_WAVES = 5, N_SHAPES = 40 };

/* One wave of light across the image: amplitude cos(fx x + px) cos(fy y + py). */
struct wave {
    float amplitude, fy, py;
    float *along; /* cos(fx x + px) of every column */
};

/* A slanted block: brighter or darker, perhaps with stripes of some pixels. */
struct shape {
    float top, bottom, left, right, slant; /* in pixels; slant: columns per row */
    float light, stripe, stripe_step;      /* levels; levels; radians per pixel */
};

/* A channel before noise: waves only for the colours, shapes for the light, too. */
struct channel {
    float base;
    struct wave waves[N_WAVES];
    float *row;
};

struct drawing {
    struct cal_image *image;
    struct sp_rng rng;
    struct channel light, blue, red; /* Y, Cb - 128, Cr - 128 */
    struct shape shapes[N_SHAPES];
    float noise; /* levels, standard deviation */
};

void cal_image_size(double megapixels, struct cal_image *image)
{
    double width = sqrt(megapixels * 1e6 * 4 / 3);

    image->width = 16 * (int32_t)fmax(1, round(width / 16));
    image->height = image->width / 4 * 3;
}

size_t cal_image_bytes(const struct cal_image *image)
{
    return (size_t)image->width * (size_t)image->height * 3;
}

unsigned char *cal_image_room(const struct cal_image *image)
{
    return sp_xcalloc(cal_image_bytes(image), 1);
}

double cal_image_megapixels(const struct cal_image *image)
{
    return image->width * (double)image->height * 1e-6;
}

/* ---- what is in the picture ---- */

static float between(struct sp_rng *rng, double low, double high)
{
    return (float)(low + (high - low) * sp_rng_uniform(rng));
}

static void channel_init(struct channel *c, struct drawing *d, float base,
                         float amplitude)
{
    const double turn = 6.283185307179586;
    size_t width = (size_t)d->image->width;

    c->base = base;
    c->row = sp_xcalloc(width, sizeof *c->row);
    for (int k = 0; k < N_WAVES; k++) {
        struct wave *w = &c->waves[k];
        double fx = turn * between(&d->rng, 0.2, 2 + 2 * k) / (double)width;
        double px = between(&d->rng, 0, turn);

        w->amplitude = amplitude / (float)(k + 1);
        w->fy = (float)(turn / d->image->height) * between(&d->rng, 0.2, 2 + 2 * k);
        w->py = between(&d->rng, 0, turn);
        w->along = sp_xcalloc(width, sizeof *w->along);
        for (size_t x = 0; x < width; x++)
            w->along[x] = (float)cos(fx * (double)x + px);
    }
}

static void channel_fini(struct channel *c)
{
    for (int k = 0; k < N_WAVES; k++)
        free(c->waves[k].along);
    free(c->row);
}

static void shape_init(struct shape *s, struct drawing *d)
{
    float width = (float)d->image->width, height = (float)d->image->height;

    s->top = between(&d->rng, -0.1, 0.9) * height;
    s->bottom = s->top + between(&d->rng, 0.05, 0.4) * height;
    s->left = between(&d->rng, -0.1, 0.9) * width;
    s->right = s->left + between(&d->rng, 0.03, 0.3) * width;
    s->slant = between(&d->rng, -0.5, 0.5);
    s->light = between(&d->rng, -30, 30);
    s->stripe = sp_rng_uniform(&d->rng) < 0.5 ? between(&d->rng, 1, 9) : 0;
    s->stripe_step = between(&d->rng, 0.3, 2);
}

static void drawing_init(struct drawing *d, struct cal_image *image, uint64_t key)
{
    d->image = image;
    d->rng = sp_rng_from_key(key);
    channel_init(&d->light, d, between(&d->rng, 100, 150), 25);
    channel_init(&d->blue, d, between(&d->rng, -10, 10), 10);
    channel_init(&d->red, d, between(&d->rng, -10, 10), 10);
    for (int k = 0; k < N_SHAPES; k++)
        shape_init(&d->shapes[k], d);
    d->noise = (float)exp(between(&d->rng, log(1.8), log(7)));
}

static void drawing_fini(struct drawing *d)
{
    channel_fini(&d->light);
    channel_fini(&d->blue);
    channel_fini(&d->red);
}

/* ---- a row ---- */

static void draw_waves(struct channel *c, int32_t width, int32_t y)
{
    for (int32_t x = 0; x < width; x++)
        c->row[x] = c->base;
    for (int k = 0; k < N_WAVES; k++) {
        const struct wave *w = &c->waves[k];
        float here = w->amplitude * cosf(w->fy * (float)y + w->py);

        for (int32_t x = 0; x < width; x++)
            c->row[x] += here * w->along[x];
    }
}

/* Stripes by the recurrence of the sine: s(x + 1) = 2 cos(step) s(x) - s(x - 1). */
static void draw_shape(const struct shape *s, float *row, int32_t width, int32_t y)
{
    float shift = s->slant * ((float)y - s->top);
    int32_t from = (int32_t)fmaxf(0, s->left + shift);
    int32_t to = (int32_t)fminf((float)width, s->right + shift);
    float twice = 2 * cosf(s->stripe_step);
    float now = s->stripe * sinf(s->stripe_step * (float)y);
    float before = s->stripe * sinf(s->stripe_step * (float)(y - 1));

    if ((float)y < s->top || (float)y >= s->bottom)
        return;
    for (int32_t x = from; x < to; x++) {
        float next = twice * now - before;

        row[x] += s->light + now;
        before = now;
        now = next;
    }
}

/* Triangular noise, four pixels of a random word. */
static void draw_noise(struct sp_rng *rng, float sd, float *row, int32_t width)
{
    const float scale = sd / 104.3f; /* sd of the sum of two uniform bytes */

    for (int32_t x = 0; x < width; x += 4) {
        uint64_t word = sp_rng_next(rng);

        for (int32_t i = 0; i < 4; i++, word >>= 16)
            row[x + i] += scale * (float)((int32_t)(word & 255) +
                                          (int32_t)(word >> 8 & 255) - 255);
    }
}

static unsigned char level(float v)
{
    return (unsigned char)(v < 0 ? 0 : v > 254.5f ? 255 : v + 0.5f);
}

static void draw_row(struct drawing *d, int32_t y)
{
    int32_t width = d->image->width;
    unsigned char *out = d->image->rgb + (size_t)y * (size_t)width * 3;

    draw_waves(&d->light, width, y);
    draw_waves(&d->blue, width, y);
    draw_waves(&d->red, width, y);
    for (int k = 0; k < N_SHAPES; k++)
        draw_shape(&d->shapes[k], d->light.row, width, y);
    draw_noise(&d->rng, d->noise, d->light.row, width);
    for (int32_t x = 0; x < width; x++, out += 3) {
        float light = d->light.row[x], blue = d->blue.row[x], red = d->red.row[x];

        out[0] = level(light + 1.402f * red);
        out[1] = level(light - 0.344136f * blue - 0.714136f * red);
        out[2] = level(light + 1.772f * blue);
    }
}

void cal_image_fill(struct cal_image *image, uint64_t key)
{
    struct drawing d;

    drawing_init(&d, image, key);
    for (int32_t y = 0; y < image->height; y++)
        draw_row(&d, y);
    drawing_fini(&d);
}
