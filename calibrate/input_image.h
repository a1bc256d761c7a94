/* Seeded images for kernels: smooth shading, objects with edges, patches of texture and
 * noise of a strength that differs from image to image, so that they compress to
 * different sizes, as photographs do.
 */
#ifndef CALIBRATE_INPUT_IMAGE_H
#define CALIBRATE_INPUT_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct cal_image {
    int32_t width, height;
    unsigned char *rgb; /* interleaved, rows without padding */
};

/* Sides of about this many megapixels, 4:3, both even and the width a multiple of 16;
 * the pixels are left alone. */
void cal_image_size(double megapixels, struct cal_image *image);

/* Room for the pixels of one, on the heap: give back with free(). */
unsigned char *cal_image_room(const struct cal_image *image);
size_t cal_image_bytes(const struct cal_image *image);
double cal_image_megapixels(const struct cal_image *image);

/* Draws the image that belongs to `key` in image->rgb. */
void cal_image_fill(struct cal_image *image, uint64_t key);

#endif
