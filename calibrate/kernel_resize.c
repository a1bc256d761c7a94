/* Bilinear resize to 224 x 224 and normalisation to planar 32-bit floats: what image
 * models are fed with. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "calibrate/input_image.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"

/* Two images: the one that was just decoded is still in a cache when it is resized. */
enum { SIDE = 224, PLANE = SIDE * SIDE, N_ITEMS = 2 };

/* Mean and standard deviation of each colour, of levels divided by 255. */
static const float MEAN[3] = {0.485f, 0.456f, 0.406f}, SD[3] = {0.229f, 0.224f, 0.225f};

/* Where an output column takes from: two bytes' offsets and the second's weight. */
struct tap {
    int32_t near, far;
    float weight;
};

struct cal_state {
    const struct cal_kernel *kernel;
    uint64_t seed;
    struct cal_image images[N_ITEMS];
    struct tap columns[SIDE], rows[SIDE]; /* in pixels */
    float out[3 * PLANE];
    int32_t last;
};

/* Centres of pixels are mapped on one another; past the border the border counts. */
static struct tap tap_of(int32_t to, int32_t sides)
{
    float at = ((float)to + 0.5f) * (float)sides / SIDE - 0.5f;
    int32_t near;

    at = at < 0 ? 0 : at > (float)(sides - 1) ? (float)(sides - 1) : at;
    near = (int32_t)at;
    return (struct tap){.near = near,
                        .far = near + 1 < sides ? near + 1 : near,
                        .weight = at - (float)near};
}

static enum sp_status resize_open(const struct cal_kernel *kernel, double x,
                                  uint64_t seed, struct cal_state **state,
                                  struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);
    struct cal_image size;

    (void)err;
    cal_image_size(x, &size);
    s->kernel = kernel;
    s->seed = seed;
    for (int32_t i = 0; i < N_ITEMS; i++) {
        s->images[i] = size;
        s->images[i].rgb = cal_image_room(&size);
        cal_image_fill(&s->images[i], cal_item_key(kernel, seed, i));
    }
    for (int32_t k = 0; k < SIDE; k++) {
        s->columns[k] = tap_of(k, size.width);
        s->rows[k] = tap_of(k, size.height);
    }
    *state = s;
    return SP_OK;
}

static void resize_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    for (int32_t i = 0; i < N_ITEMS; i++)
        free(s->images[i].rgb);
    free(s);
}

static int32_t resize_items(const struct cal_state *s)
{
    (void)s;
    return N_ITEMS;
}

static const unsigned char *row_at(const struct cal_image *image, int32_t y)
{
    return image->rgb + (size_t)y * (size_t)image->width * 3;
}

static void resize_row(struct cal_state *s, const struct cal_image *image, int32_t y)
{
    const float scale[3] = {1 / (255 * SD[0]), 1 / (255 * SD[1]), 1 / (255 * SD[2])};
    const float shift[3] = {-MEAN[0] / SD[0], -MEAN[1] / SD[1], -MEAN[2] / SD[2]};
    const unsigned char *above = row_at(image, s->rows[y].near);
    const unsigned char *below = row_at(image, s->rows[y].far);
    float down = s->rows[y].weight;

    for (int32_t x = 0; x < SIDE; x++) {
        struct tap t = s->columns[x];

        for (int32_t c = 0; c < 3; c++) {
            float al = above[3 * t.near + c], ar = above[3 * t.far + c];
            float bl = below[3 * t.near + c], br = below[3 * t.far + c];
            float top = al + t.weight * (ar - al);
            float bottom = bl + t.weight * (br - bl);

            s->out[c * PLANE + y * SIDE + x] =
                (top + down * (bottom - top)) * scale[c] + shift[c];
        }
    }
}

static void resize_run(struct cal_state *s, int64_t call)
{
    s->last = (int32_t)(call % N_ITEMS);
    for (int32_t y = 0; y < SIDE; y++)
        resize_row(s, &s->images[s->last], y);
    __asm__ volatile("" : : "r"(s->out) : "memory");
}

/* ---- check ---- */

/* One output from the definition: the sum over all pixels of a level times the overlap
 * of its tent with the point asked for, in doubles.  Only the nine around it can count.
 */
static double expected(const struct cal_image *image, int32_t x, int32_t y, int32_t c)
{
    double u = fmin(fmax((x + 0.5) * image->width / SIDE - 0.5, 0), image->width - 1);
    double v = fmin(fmax((y + 0.5) * image->height / SIDE - 0.5, 0), image->height - 1);
    double sum = 0;

    for (int32_t j = (int32_t)v - 1; j <= (int32_t)v + 1; j++)
        for (int32_t i = (int32_t)u - 1; i <= (int32_t)u + 1; i++) {
            double tent = fmax(0, 1 - fabs(u - i)) * fmax(0, 1 - fabs(v - j));

            if (tent > 0 && i < image->width && j < image->height)
                sum += tent * row_at(image, j)[3 * i + c];
        }
    return (sum / 255 - MEAN[c]) / SD[c];
}

/* Positions up to some thousands carry a float's error of 2^-24 times that, times 255
 * levels of slope, over the least of the deviations. */
static enum sp_status check_image(const struct cal_state *s,
                                  const struct cal_image *image, struct sp_err *err)
{
    double most = (image->width + 4.0) * 0x1p-23 * 2 / 0.22 + 1e-5;

    for (int32_t i = 0; i < 3 * PLANE; i++) {
        int32_t c = i / PLANE, y = i % PLANE / SIDE, x = i % SIDE;
        double want = expected(image, x, y, c);

        if (!(fabs(s->out[i] - want) <= most))
            return sp_fail(err, SP_EIO,
                           "resize: image %d, colour %d at (%d, %d) is %.7g, expected "
                           "%.7g within %.2g",
                           s->last, c, x, y, s->out[i], want, most);
    }
    return SP_OK;
}

/* The reference is made from images drawn anew. */
static enum sp_status resize_check(struct cal_state *s, struct sp_err *err)
{
    struct cal_image fresh = s->images[0];
    enum sp_status status = SP_OK;

    fresh.rgb = cal_image_room(&fresh);
    for (int32_t i = 0; i < N_ITEMS && status == SP_OK; i++) {
        memset(s->out, 0xff, sizeof s->out);
        resize_run(s, i);
        cal_image_fill(&fresh, cal_item_key(s->kernel, s->seed, s->last));
        status = check_image(s, &fresh, err);
    }
    free(fresh.rgb);
    return status;
}

static uint64_t resize_digest(const struct cal_state *s)
{
    return sp_hash64(s->out, sizeof s->out);
}

/* One pixel that is looked at, made much brighter or darker. */
static void resize_damage(struct cal_state *s)
{
    struct cal_image *image = &s->images[N_ITEMS - 1];
    struct tap row = s->rows[SIDE / 2], column = s->columns[SIDE / 3];
    int32_t y = row.weight < 0.5f ? row.near : row.far;
    int32_t x = column.weight < 0.5f ? column.near : column.far;

    image->rgb[3 * ((size_t)y * (size_t)image->width + (size_t)x)] ^= 0x80;
}

const struct cal_kernel cal_kernel_resize = {
    .name = "resize",
    .item = "one RGB image to 224 x 224 planar floats, bilinear, normalised",
    .axis = "megapixels",
    .help = "the preprocess stage between decoding and an image model",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_COMPUTE,
    .threads = 1,
    .n_points = 6,
    .x = {0.0768, 0.3072, 0.786432, 1.92, 3.145728, 7.990272},
    .quick = 1u << 0 | 1u << 2 | 1u << 4,
    .scaling_x = 0.3072,
    .work = {.flop_fixed = 3.0 * PLANE * 8, .bytes_fixed = 3.0 * PLANE * (4 + 4)},
    .n_params = 1,
    .params = {{"side", "224"}},
    .open = resize_open,
    .close = resize_close,
    .items = resize_items,
    .run = resize_run,
    .check = resize_check,
    .code_path = cal_code_path_of_ours,
    .digest = resize_digest,
    .damage = resize_damage,
};
