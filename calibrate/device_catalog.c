/* Which row of the GPU datasheets a device is, by the name it gives itself.
 * docs/calibration.md shows the table.  A name that could be several is none. */
#include <stdint.h>
#include <string.h>

#include "calibrate/device_plan.h"

/* Devices show somewhat less memory than is sold: bounds in GiB, 0: any. */
struct alias {
    const char *name; /* all of the device's, a vendor's word in front left out */
    double least_gib, most_gib;
    const char *row;
};

static const struct alias aliases[] = {
    {"Tesla T4", 0, 0, "T4"},
    {"T4", 0, 0, "T4"},
    {"Tesla V100-PCIE-16GB", 0, 0, "V100-PCIE-16GB"},
    {"Tesla V100-SXM2-16GB", 0, 0, "V100-SXM2-16GB"},
    {"Tesla V100-SXM2-32GB", 0, 0, "V100-SXM2-32GB"},
    {"A10", 0, 0, "A10"},
    {"A10G", 0, 0, "A10G"},
    {"A30", 0, 0, "A30"},
    {"A100-SXM4-40GB", 0, 0, "A100-SXM4-40GB"},
    {"A100-SXM4-80GB", 0, 0, "A100-SXM4-80GB"},
    {"A100 80GB PCIe", 0, 0, "A100-PCIE-80GB"},
    {"RTX A6000", 0, 0, "RTX-A6000"},
    {"L4", 0, 0, "L4"},
    {"L40S", 0, 0, "L40S"},
    {"GeForce RTX 4090", 0, 0, "RTX-4090"},
    {"RTX PRO 6000 Blackwell Server Edition", 0, 0, "RTX-PRO-6000-SE"},
    {"H100 PCIe", 70, 82, "H100-PCIE-80GB"},
    {"H100 NVL", 0, 0, "H100-NVL-94GB"},
    {"H100 80GB HBM3", 70, 82, "H100-SXM5-80GB"},
    {"H200", 130, 145, "H200-SXM-141GB"},
    {"GH200 480GB", 90, 97, "GH200-96GB"},
    {"B200", 170, 186, "B200-SXM-180GB"},
    {"GB200", 180, 190, "GB200"},
    {"B300 SXM6 AC", 0, 0, "B300-SXM"},
    {"Instinct MI300X", 0, 0, "MI300X"},
};

const char *cal_device_catalog(const char *model, int64_t memory_bytes)
{
    static const char *const vendors[] = {"NVIDIA ", "AMD "};
    double gib = (double)memory_bytes / (1 << 30);

    for (size_t i = 0; i < sizeof vendors / sizeof vendors[0]; i++)
        if (strncmp(model, vendors[i], strlen(vendors[i])) == 0) {
            model += strlen(vendors[i]);
            break;
        }
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (strcmp(model, aliases[i].name) == 0 &&
            (aliases[i].most_gib == 0 ||
             (gib >= aliases[i].least_gib && gib <= aliases[i].most_gib)))
            return aliases[i].row;
    return NULL;
}
