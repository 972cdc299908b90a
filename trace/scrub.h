/*
 * Scrub: personal values out of bytes, each replaced by another of the same length and form, the same
 * value always by the same. Nobody who lacks the key of this run can go back.
 *
 * Owns: the key, the values that were learnt. Does not know: messages, files.
 * Lifetime: scrub_new() to scrub_free(). Called from: anonymise.c.
 *
 * Digits become digits; of those that are as long as an IMEI, an IMSI or an ICCID the first five stay:
 * they tell the maker, the network or the issuer. Letters become letters, other characters stay.
 */
#pragma once

#include <qmikit/wire.h>

struct scrub;

/* `luhn`: replaced IMEIs get the check digit that belongs to them. 0, -ENOMEM, or what getrandom(2)
 * says. */
QK_MUST_CHECK int scrub_new(bool luhn, struct scrub **ret);

/* NULL is fine; returns NULL. */
struct scrub *scrub_free(struct scrub *scrub);

/* Remembers the numbers and words of a text, to be found wherever they stand. `imei`: it is one. Short
 * ones and those of one character again and again are left out. 0 or -ENOMEM. */
QK_MUST_CHECK int scrub_learn(struct scrub *scrub, const char *text, size_t size, bool imei);

/* How many different ones were learnt. */
size_t scrub_count(const struct scrub *scrub);

/* The same for digits in nibbles, the lower one first, from nibble `start` to the first that is no
 * digit. */
QK_MUST_CHECK int scrub_learn_bcd(struct scrub *scrub, struct qk_span bytes, size_t start);

/* Replaces a text in its place: each run of digits and each run of letters for itself. */
void scrub_text(const struct scrub *scrub, uint8_t *text, size_t size);

/* Replaces digits in nibbles in their place. */
void scrub_bcd(const struct scrub *scrub, uint8_t *bytes, size_t size, size_t start);

/* Replaces what has no known form: text stays text, numbers in nibbles stay such; 0x00 and 0xff are
 * padding and stay. */
void scrub_bytes(const struct scrub *scrub, uint8_t *bytes, size_t size);

/* Replaces a number in its place; one whose bits are all the same says nothing and stays. */
void scrub_number(const struct scrub *scrub, uint8_t *bytes, size_t size);

/* Replaces an IEEE number of 4 or 8 bytes. */
void scrub_float(const struct scrub *scrub, uint8_t *bytes, size_t size);

/* Replaces every learnt value that stands in `bytes` as text of 8, 16 or 7 bits a character or as digits
 * in nibbles. `numbers`: only numbers that are too long to stand there by chance. */
void scrub_known(const struct scrub *scrub, uint8_t *bytes, size_t size, bool numbers);
