/*
 * Seed: everything random in the virtual modem, made from one number so that the same seed gives the
 * same bytes.
 *
 * Owns: nothing. Does not know: what the numbers are used for, time.
 * Lifetime: plain functions. Called from: state (identity), seeded (values of answers).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The start of a stream of numbers for one purpose: streams of different labels are unrelated. */
uint64_t qk_sim_stream(uint64_t seed, const char *label);

/* The next number of a stream (splitmix64). */
uint64_t qk_sim_random(uint64_t *stream);

/* A number below `limit`, which is not 0. */
uint64_t qk_sim_below(uint64_t *stream, uint64_t limit);

/* Fills `text` with `prefix`, then decimal digits of the stream `label`, `count` in all, and ends it
 * with a 0. With `luhn` the last one is the Luhn check digit. A prefix that fills it all stays. */
void qk_sim_digits(uint64_t seed, const char *label, const char *prefix, size_t count, int luhn,
		   char *text);
