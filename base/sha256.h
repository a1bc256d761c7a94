/* SHA-256 (FIPS 180-4), for what a web page promises of its own script and styles.  Not
 * for secrets: it takes no care to be of constant time. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SP_SHA256_BYTES = 32, SP_BASE64_SHA256 = 45 };

void sp_sha256(const void *data, size_t size, uint8_t digest[SP_SHA256_BYTES]);

/* The digest in base 64 (RFC 4648, with its "="), a string. */
char *sp_sha256_base64(const void *data, size_t size, char text[SP_BASE64_SHA256]);

#endif
