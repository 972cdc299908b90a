/*
 * Text value: what {…} in the text of a row prints.
 *
 * Owns: nothing. Does not know: rows, devices, any message.
 * Lifetime: pure functions.
 * Called from: text.
 *
 * What may stand there:
 *   {path}         as libqmi shows it: a number, text, the name of an enumerator, "a, b" for flags,
 *                  yes or no; a fraction with six decimals
 *   {path|word}    `word` where there is nothing, or no name, to show (else "(null)", flags "none")
 *   {path:n}       the number, also where it has a name; {path:x} in two hex digits, {path:X} in four
 *                  capital ones, {path:0x} as 0x1f
 *   {path:ip}      a number as the address of IPv4 that it is, a list of eight as one of IPv6
 *   {path:u}       a signed number as one without a sign; {path:i} the other way round
 *   {path:bcd}     bytes as two digits each, the lower half first
 *   {path:hex}     bytes as AA:BB:CC and a newline for each line; {path:hex,> } with "> " in front of each
 *   {path:bytes}   bytes as AA:BB:CC on one line
 *   {path:ascii}   bytes as the text they are, filled up with 0; as :bytes when they are no ASCII
 *   {path*2}       the number times two; {path*0.1} with the factor's decimals; {path/60} with six
 *   {path?on:off}  the first word when the number is not 0
 *   {path[]}       a list's items, joined by ", "; {path[,]} by ","; {#path} how many it has, or how many bytes
 *   {@} {@1}       the index of the list item we are in, from 0 or from 1 (or from 2, …)
 *   {@device}      the device's name
 */
#pragma once

#include "output.h"
#include "text-path.h"

/* Prints what stands between { and }; `size` bytes at `words`. 0, -ENOENT or -EINVAL. */
__attribute__((warn_unused_result)) int
text_expression(const struct text_scope *scope, const char *words, size_t size, struct output *out);

/* Bytes as {path:hex} prints them, with `before` in front of each line. */
void text_hex(struct qk_span bytes, const char *before, size_t before_size, struct output *out);
