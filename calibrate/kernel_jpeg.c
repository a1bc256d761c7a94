/* Decoding of JPEG images by libjpeg-turbo, as the first stage of most vision pipelines
 * does. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "base/hash.h"
#include "base/rng.h"
#include "calibrate/input_image.h"
#include "calibrate/jpeg_reference.h"
#include "calibrate/kernel_util.h"
#include "calibrate/kernels.h"

enum { N_ITEMS = 32, QUALITY = 85 };

struct cal_state {
    const struct cal_kernel *kernel;
    uint64_t seed;
    tjhandle decoder;
    struct cal_image image; /* the last result */
    unsigned char *packed[N_ITEMS];
    unsigned long packed_size[N_ITEMS];
    int refused; /* by the library, in the last run */
};

static void jpeg_close(struct cal_state *s)
{
    if (s == NULL)
        return;
    for (int32_t i = 0; i < N_ITEMS; i++)
        tjFree(s->packed[i]);
    if (s->decoder != NULL)
        tjDestroy(s->decoder);
    free(s->image.rgb);
    free(s);
}

/* The encoder's accurate transform, so that its error is that of rounding alone. */
static enum sp_status pack(struct cal_state *s, tjhandle encoder, int32_t i,
                           struct sp_err *err)
{
    struct cal_image *image = &s->image;

    cal_image_fill(image, cal_item_key(s->kernel, s->seed, i));
    if (tjCompress2(encoder, image->rgb, image->width, 0, image->height, TJPF_RGB,
                    &s->packed[i], &s->packed_size[i], TJSAMP_420, QUALITY,
                    TJFLAG_ACCURATEDCT) != 0)
        return sp_fail(err, SP_EIO, "jpeg_decode: compressing failed: %s",
                       tjGetErrorStr2(encoder));
    return SP_OK;
}

static enum sp_status jpeg_open(const struct cal_kernel *kernel, double x,
                                uint64_t seed, struct cal_state **state,
                                struct sp_err *err)
{
    struct cal_state *s = sp_xcalloc(1, sizeof *s);
    tjhandle encoder = tjInitCompress();
    enum sp_status status = SP_OK;

    s->kernel = kernel;
    s->seed = seed;
    s->decoder = tjInitDecompress();
    cal_image_size(x, &s->image);
    s->image.rgb = cal_image_room(&s->image);
    if (encoder == NULL || s->decoder == NULL)
        status = sp_fail(err, SP_EIO, "jpeg_decode: libjpeg-turbo does not start: %s",
                         tjGetErrorStr2(NULL));
    for (int32_t i = 0; i < N_ITEMS && status == SP_OK; i++)
        status = pack(s, encoder, i, err);
    if (encoder != NULL)
        tjDestroy(encoder);
    if (status == SP_OK)
        *state = s;
    else
        jpeg_close(s);
    return status;
}

static int32_t jpeg_items(const struct cal_state *s)
{
    (void)s;
    return N_ITEMS;
}

static void jpeg_run(struct cal_state *s, int64_t call)
{
    int64_t i = call % N_ITEMS;

    s->refused =
        tjDecompress2(s->decoder, s->packed[i], s->packed_size[i], s->image.rgb,
                      s->image.width, 0, s->image.height, TJPF_RGB, TJFLAG_ACCURATEDCT);
}

/* ---- check ---- */

static enum sp_status decode_planes(struct cal_state *s, int32_t item,
                                    struct cal_planes *planes, struct sp_err *err)
{
    unsigned char *at[3] = {planes->y, planes->cb, planes->cr};

    if (tjDecompressToYUVPlanes(s->decoder, s->packed[item], s->packed_size[item], at,
                                planes->width, NULL, planes->height,
                                TJFLAG_ACCURATEDCT) != 0)
        return sp_fail(err, SP_EIO, "jpeg_decode: image %d: %s", item,
                       tjGetErrorStr2(s->decoder));
    return SP_OK;
}

/* The planes against what was compressed, and the pixels against the planes. */
static enum sp_status check_item(struct cal_state *s, int32_t item,
                                 struct cal_planes *planes, struct cal_image *source,
                                 struct sp_err *err)
{
    enum sp_status status = decode_planes(s, item, planes, err);
    struct sp_err why = {0};

    if (status != SP_OK)
        return status;
    memset(s->image.rgb, 0, cal_image_bytes(&s->image));
    jpeg_run(s, item);
    if (s->refused != 0)
        return sp_fail(err, SP_EIO, "jpeg_decode: image %d: %s", item,
                       tjGetErrorStr2(s->decoder));
    cal_image_fill(source, cal_item_key(s->kernel, s->seed, item));
    status = cal_planes_near(planes, source, QUALITY, &why);
    if (status == SP_OK)
        status = cal_planes_give(planes, &s->image, &why);
    if (status != SP_OK)
        return sp_fail(err, status, "jpeg_decode: image %d: %s", item, why.text);
    return SP_OK;
}

/* As many images as make 8 megapixels, at least two, from the last backwards. */
static enum sp_status jpeg_check(struct cal_state *s, struct sp_err *err)
{
    double most = fmax(2, 8 / cal_image_megapixels(&s->image));
    struct cal_planes *planes = cal_planes_new(&s->image);
    struct cal_image source = s->image;
    enum sp_status status = SP_OK;

    source.rgb = cal_image_room(&source);
    for (int32_t i = 0; i < N_ITEMS && i < most && status == SP_OK; i++)
        status = check_item(s, N_ITEMS - 1 - i, planes, &source, err);
    free(source.rgb);
    cal_planes_free(planes);
    return status;
}

static void jpeg_features_of(const struct cal_state *s, int32_t item, double *features)
{
    features[0] = (double)s->packed_size[item];
    features[1] = cal_image_megapixels(&s->image);
}

static const char *jpeg_library(struct sp_arena *arena)
{
    return sp_arena_strdup(arena, "libjpeg-turbo " TURBOJPEG_VERSION " (when built)");
}

static uint64_t jpeg_digest(const struct cal_state *s)
{
    return sp_hash64(s->image.rgb, cal_image_bytes(&s->image));
}

/* The last image becomes the first: it decodes well, and is the wrong one. */
static void jpeg_damage(struct cal_state *s)
{
    unsigned char *packed = s->packed[0];
    unsigned long size = s->packed_size[0];

    s->packed[0] = s->packed[N_ITEMS - 1];
    s->packed_size[0] = s->packed_size[N_ITEMS - 1];
    s->packed[N_ITEMS - 1] = packed;
    s->packed_size[N_ITEMS - 1] = size;
}

const struct cal_kernel cal_kernel_jpeg_decode = {
    .name = "jpeg_decode",
    .item = "one image, 4:2:0, quality 85, to RGB",
    .axis = "megapixels",
    .help = "the decode stage of image pipelines",
    .calls = MODEL_CALLS_PER_ITEM,
    .bound = MODEL_BOUND_COMPUTE,
    .threads = 1,
    .n_points = 6,
    .x = {0.0768, 0.3072, 0.786432, 1.92, 3.145728, 7.990272},
    .quick = 1u << 0 | 1u << 2 | 1u << 4,
    .scaling_x = 0.3072,
    .n_params = 3,
    .params = {{"quality", "85"}, {"subsampling", "4:2:0"}, {"transform", "accurate"}},
    .n_features = 2,
    .features = {"bytes", "megapixels"},
    .open = jpeg_open,
    .close = jpeg_close,
    .items = jpeg_items,
    .run = jpeg_run,
    .check = jpeg_check,
    .features_of = jpeg_features_of,
    .library = jpeg_library,
    .code_path = cal_code_path_of_library,
    .digest = jpeg_digest,
    .damage = jpeg_damage,
};
