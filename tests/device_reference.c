#include "tests/device_reference.h"

#include <math.h>
#include <string.h>

static const double step = 0x1p-23;

/* ---- numbers ---- */

size_t device_type_bytes(char type)
{
    return type == 'f' ? 4 : type == 'l' ? 8 : type == 'u' ? 1 : 2;
}

/* From the definition: sign, exponent, fraction. */
static double small_float(uint16_t bits, int fraction_bits)
{
    int exponent_bits = 15 - fraction_bits, bias = (1 << (exponent_bits - 1)) - 1;
    int exponent = bits >> fraction_bits & ((1 << exponent_bits) - 1);
    double fraction = bits & ((1 << fraction_bits) - 1);
    double size = exponent == 0 ? ldexp(fraction, 1 - bias - fraction_bits)
                                : ldexp(fraction + (1 << fraction_bits),
                                        exponent - bias - fraction_bits);

    return bits >> 15 ? -size : size;
}

double device_element(const struct device_array *a, size_t i)
{
    switch (a->type) {
    case 'f':
        return (double)((const float *)a->data)[i];
    case 'h':
        return small_float(((const uint16_t *)a->data)[i], 10);
    case 'b':
        return small_float(((const uint16_t *)a->data)[i], 7);
    case 'l':
        return (double)((const int64_t *)a->data)[i];
    default:
        return ((const unsigned char *)a->data)[i];
    }
}

#define AT(array, i) device_element(&in[array], (size_t)(i))

/* ---- kernels ---- */

static void spin(const struct device_array *in, const int32_t *n, double f,
                 struct device_expected *out)
{
    (void)f;
    for (size_t t = 0; t < in[0].n; t++) {
        double x = (double)(t % 7);

        for (int32_t i = 0; i < n[0]; i++)
            x = x * (double)0.999f + 0.25;
        out[t] = (struct device_expected){x, (n[0] + 1) * step * (x + 7)};
    }
}

static void triad(const struct device_array *in, const int32_t *n, double f,
                  struct device_expected *out)
{
    for (int32_t i = 0; i < n[0]; i++) {
        double b = AT(1, i), c = f * AT(2, i);

        out[i] = (struct device_expected){b + c, 2 * step * (fabs(b) + fabs(c))};
    }
}

static void silu_mul(const struct device_array *in, const int32_t *n, double f,
                     struct device_expected *out)
{
    (void)f;
    for (int32_t i = 0; i < n[0]; i++) {
        double g = AT(1, i), y = g / (1 + exp(-g)) * AT(2, i);

        /* the exponential's argument is rounded, too; it may overflow to the limit */
        out[i] = (struct device_expected){y, (16 + 2 * fabs(g)) * step * fabs(y) +
                                                 0x1p-120 * fabs(AT(2, i))};
    }
}

static void gemm(const struct device_array *in, const int32_t *n, double f,
                 struct device_expected *out)
{
    (void)f;
    for (int64_t r = 0; r < n[0]; r++)
        for (int64_t c = 0; c < n[1]; c++) {
            double sum = 0, size = 0;

            for (int64_t i = 0; i < n[2]; i++) {
                double product = AT(1, r * n[2] + i) * AT(2, i * n[1] + c);

                sum += product;
                size += fabs(product);
            }
            out[r * n[1] + c] = (struct device_expected){sum, (n[2] + 2) * step * size};
        }
}

static void gemv(const struct device_array *in, const int32_t *n, double f,
                 struct device_expected *out)
{
    (void)f;
    for (int64_t r = 0; r < n[0]; r++) {
        double sum = 0, size = 0;

        for (int64_t i = 0; i < n[1]; i++) {
            double product = AT(1, r * n[1] + i) * AT(2, i);

            sum += product;
            size += fabs(product);
        }
        out[r] = (struct device_expected){sum, (n[1] + 2) * step * size};
    }
}

static double score(const struct device_array *in, const int32_t *n, int64_t head,
                    int64_t key)
{
    double sum = 0;

    for (int64_t i = 0; i < n[2]; i++)
        sum += AT(1, head * n[2] + i) * AT(2, (head * n[1] + key) * n[2] + i);
    return sum / sqrt(n[2]);
}

/* Softmax of all scores, then the weighted sum: in two passes, not online. */
static void attention(const struct device_array *in, const int32_t *n, double f,
                      struct device_expected *out)
{
    (void)f;
    for (int64_t head = 0; head < n[0]; head++) {
        double most = -INFINITY, total = 0;

        for (int64_t key = 0; key < n[1]; key++)
            most = fmax(most, score(in, n, head, key));
        for (int64_t i = 0; i < n[2]; i++)
            out[head * n[2] + i] = (struct device_expected){0, 0};
        for (int64_t key = 0; key < n[1]; key++) {
            double weight = exp(score(in, n, head, key) - most);

            total += weight;
            for (int64_t i = 0; i < n[2]; i++) {
                double v = AT(3, (head * n[1] + key) * n[2] + i);

                out[head * n[2] + i].value += weight * v;
                out[head * n[2] + i].tolerance += weight * fabs(v);
            }
        }
        for (int64_t i = 0; i < n[2]; i++) {
            out[head * n[2] + i].value /= total;
            out[head * n[2] + i].tolerance *= (2 * n[1] + n[2] + 64) * step / total;
        }
    }
}

static void softmax(const struct device_array *in, const int32_t *n, double f,
                    struct device_expected *out)
{
    (void)f;
    for (int64_t r = 0; r < n[0]; r++) {
        double most = -INFINITY, total = 0;

        for (int64_t i = 0; i < n[1]; i++)
            most = fmax(most, AT(1, r * n[1] + i));
        for (int64_t i = 0; i < n[1]; i++)
            total += exp(AT(1, r * n[1] + i) - most);
        for (int64_t i = 0; i < n[1]; i++) {
            double below = most - AT(1, r * n[1] + i), y = exp(-below) / total;

            out[r * n[1] + i] = (struct device_expected){
                y, (n[1] + 64 + 2 * below) * step * y + 0x1p-120};
        }
    }
}

static void rms_norm(const struct device_array *in, const int32_t *n, double f,
                     struct device_expected *out)
{
    for (int64_t r = 0; r < n[0]; r++) {
        double sum = 0;

        for (int64_t i = 0; i < n[1]; i++)
            sum += AT(1, r * n[1] + i) * AT(1, r * n[1] + i);
        for (int64_t i = 0; i < n[1]; i++) {
            double y = AT(1, r * n[1] + i) / sqrt(sum / n[1] + f) * AT(2, i);

            out[r * n[1] + i] =
                (struct device_expected){y, (n[1] + 16) * step * fabs(y)};
        }
    }
}

/* The pixel at a place between pixels, edges repeated, as a weighted mean of four. */
static double pixel(const struct device_array *in, const int32_t *n, int64_t image,
                    double x, double y, int channel)
{
    double sum = 0;

    for (int corner = 0; corner < 4; corner++) {
        double px = floor(x) + (corner & 1), py = floor(y) + (corner >> 1);
        double weight = (1 - fabs(x - px)) * (1 - fabs(y - py));
        int64_t ix = (int64_t)fmin(fmax(px, 0), n[1] - 1);
        int64_t iy = (int64_t)fmin(fmax(py, 0), n[2] - 1);

        sum += weight * AT(1, ((image * n[2] + iy) * n[1] + ix) * 3 + channel);
    }
    return sum;
}

static void resize(const struct device_array *in, const int32_t *n, double f,
                   struct device_expected *out)
{
    static const double mean[3] = {0.485, 0.456, 0.406}, sd[3] = {0.229, 0.224, 0.225};
    int64_t at = 0;
    /* a place is off by a rounding of its size, and a pixel by 255 of that */
    double slack = (16 + 4 * (double)(n[1] + n[2])) * step;

    (void)f;
    for (int64_t image = 0; image < n[0]; image++)
        for (int c = 0; c < 3; c++)
            for (int32_t y = 0; y < n[4]; y++)
                for (int32_t x = 0; x < n[3]; x++) {
                    double v = pixel(in, n, image, (x + 0.5) * n[1] / n[3] - 0.5,
                                     (y + 0.5) * n[2] / n[4] - 0.5, c);

                    out[at++] = (struct device_expected){(v / 255 - mean[c]) / sd[c],
                                                         slack / sd[c]};
                }
}

/* ---- the table ---- */

/* Arrays by type and length: a factor is a letter a.. for n[0].., and 3.  Of spin n[1]
 * is how many threads there are. */
static const struct {
    const char *kernel;
    device_reference *reference;
    const char *arrays[DEVICE_ARRAYS_MAX];
} kernels[] = {
    {"spin", spin, {"fb"}},
    {"triad", triad, {"fa", "fa", "fa"}},
    {"silu_mul", silu_mul, {"fa", "fa", "fa"}},
    {"gemm_f32", gemm, {"fab", "fac", "fcb"}},
    {"gemm_f16", gemm, {"fab", "hac", "hcb"}},
    {"gemm_bf16", gemm, {"fab", "bac", "bcb"}},
    {"gemv_f32", gemv, {"fa", "fab", "fb"}},
    {"attention_decode", attention, {"fac", "fac", "fabc", "fabc"}},
    {"softmax", softmax, {"fab", "fab"}},
    {"rms_norm", rms_norm, {"fab", "fab", "fb"}},
    {"resize_normalise", resize, {"fade3", "uabc3"}},
};

enum { KERNELS_N = sizeof kernels / sizeof kernels[0] };

device_reference *device_reference_find(const char *kernel)
{
    for (size_t i = 0; i < KERNELS_N; i++)
        if (strcmp(kernels[i].kernel, kernel) == 0)
            return kernels[i].reference;
    return NULL;
}

static size_t length(const char *factors, const int32_t *n)
{
    size_t all = 1;

    for (; *factors != '\0'; factors++)
        all *= *factors == '3' ? 3 : (size_t)n[*factors - 'a'];
    return all;
}

int device_arrays(const char *kernel, const int32_t *n,
                  struct device_array arrays[DEVICE_ARRAYS_MAX])
{
    int count = 0;

    for (size_t i = 0; i < KERNELS_N; i++)
        if (strcmp(kernels[i].kernel, kernel) == 0)
            for (; count < DEVICE_ARRAYS_MAX && kernels[i].arrays[count] != NULL;
                 count++)
                arrays[count] = (struct device_array){
                    kernels[i].arrays[count][0],
                    length(kernels[i].arrays[count] + 1, n), NULL};
    return count;
}
