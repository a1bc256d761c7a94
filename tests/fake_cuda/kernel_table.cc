/* The kernels' source itself, and a row for each. */
#include "tests/fake_cuda/kernel_table.h"

#include <type_traits>
#include <utility>

#include "calibrate/device/kernels.inc"

/* Calls F with arguments found behind pointers, as the driver gets them. */
template <auto F> struct caller;
template <class... A, void (*F)(A...)> struct caller<F> {
    template <size_t... I>
    static void apply(void *const *args, std::index_sequence<I...>)
    {
        (void)args;
        F(*static_cast<A *>(args[I])...);
    }
    static void call(void *const *args)
    {
        apply(args, std::index_sequence_for<A...>());
    }
    static struct fake_kernel row(const char *name, bool has_barriers,
                                  struct fake_work (*work)(void *const *))
    {
        return {name,         call,           has_barriers,
                sizeof...(A), {sizeof(A)...}, {std::is_pointer<A>::value...},
                work};
    }
};

static double i32(void *const *args, int i)
{
    return static_cast<double>(*static_cast<int *>(args[i]));
}

static double i64(void *const *args, int i)
{
    return static_cast<double>(*static_cast<int64_t *>(args[i]));
}

static struct fake_work no_work(void *const *)
{
    return {0, 0, 0, 0};
}

static struct fake_work spin_work(void *const *a)
{
    return {0, 0, 0, 4 * i32(a, 1)};
}

static struct fake_work triad_work(void *const *a)
{
    return {2 * i64(a, 4), 0, 12 * i64(a, 4), 0};
}

static struct fake_work silu_work(void *const *a)
{
    return {10 * i64(a, 3), 0, 12 * i64(a, 3), 0};
}

static struct fake_work resize_work(void *const *a)
{
    double in = 3 * i32(a, 2) * i32(a, 3) * i32(a, 4);
    double out = 3 * i32(a, 2) * i32(a, 5) * i32(a, 6);

    return {10 * out, 0, in + 4 * out, 0};
}

static struct fake_work softmax_work(void *const *a)
{
    double n = i32(a, 2) * i32(a, 3);

    return {20 * n, 0, 8 * n, 0};
}

static struct fake_work rms_norm_work(void *const *a)
{
    double n = i32(a, 3) * i32(a, 4);

    return {4 * n, 0, 8 * n, 0};
}

static struct fake_work gemv_work(void *const *a)
{
    double n = i32(a, 3) * i32(a, 4);

    return {2 * n, 0, 4 * n, 0};
}

static struct fake_work attention_work(void *const *a)
{
    double n = i32(a, 4) * i32(a, 5) * i32(a, 6);

    return {4 * n, 0, 8 * n, 0};
}

static struct fake_work gemm_work(void *const *a)
{
    double m = i32(a, 3), n = i32(a, 4), k = i32(a, 5);

    return {2 * m * n * k, 0, 4 * (m * n + m * k + k * n), 0};
}

static struct fake_work gemm_half_work(void *const *a)
{
    double m = i32(a, 3), n = i32(a, 4), k = i32(a, 5);

    return {0, 2 * m * n * k, 4 * m * n + 2 * (m * k + k * n), 0};
}

static const struct fake_kernel kernels[] = {
    caller<empty>::row("empty", false, no_work),
    caller<gate>::row("gate", false, no_work),
    caller<spin>::row("spin", false, spin_work),
    caller<clock_probe>::row("clock_probe", false, spin_work),
    caller<triad>::row("triad", false, triad_work),
    caller<silu_mul>::row("silu_mul", false, silu_work),
    caller<resize_normalise>::row("resize_normalise", false, resize_work),
    caller<softmax>::row("softmax", true, softmax_work),
    caller<rms_norm>::row("rms_norm", true, rms_norm_work),
    caller<gemv_f32>::row("gemv_f32", true, gemv_work),
    caller<attention_decode>::row("attention_decode", true, attention_work),
    caller<gemm_f32>::row("gemm_f32", true, gemm_work),
    caller<gemm_f16>::row("gemm_f16", true, gemm_half_work),
    caller<gemm_bf16>::row("gemm_bf16", true, gemm_half_work),
};

const struct fake_kernel *fake_kernel_find(const char *name)
{
    for (const struct fake_kernel &k : kernels)
        if (strcmp(k.name, name) == 0)
            return &k;
    return NULL;
}

bool fake_kernel_known(const struct fake_kernel *kernel)
{
    for (const struct fake_kernel &k : kernels)
        if (&k == kernel)
            return true;
    return false;
}
