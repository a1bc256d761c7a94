/* How the fake driver behaves: words of the environment variable FAKE_CUDA, commas
 * between them.
 *
 *   no-device        cuInit says so (100)
 *   stub             cuInit says 34, as the toolkit's stand-in does
 *   old              the version is 10.2, and modules are refused (222)
 *   no-binary        modules have no code for the device (209)
 *   oom              no memory of the device (2)
 *   crash@FUNC[:N]   the Nth call of FUNC (the first) ends the process by a signal
 *   hang@FUNC[:N]    ... never returns
 *   error=E@FUNC[:N] ... and all later ones return E
 *   garbage-data     copies to the host bring nonsense
 *   garbage-time     times between events are nonsense
 *   slow-clock[=MS]  after MS of busy time (0) the SM clock falls to 0.7
 *   noise=X          spread of times (0.004)
 *   memory=BYTES     of a device (268435456)
 *   devices=N        (1)
 *   compute=OPS      launches of more operations and bytes than that take their time
 *                    but compute nothing; copies of more bytes copy nothing
 *   order=WORD       of a block's threads: forward, backward, shuffled
 *   mutant=LINE      of kernels.inc whose BARRIER() or INSIDE() is taken away
 */
#ifndef TESTS_BEHAVIOUR_H
#define TESTS_BEHAVIOUR_H

#include <stdint.h>

/* The value of a word: NULL where FAKE_CUDA lacks it, "" where it has none. */
const char *fake_word(const char *word);
double fake_number(const char *word, double otherwise);

/* At the beginning of every entry point: crashes, hangs, or returns the error that it
 * shall return, 0 for none. */
int fake_enter(const char *function);

#endif
