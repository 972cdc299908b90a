/*
 * AT error: the numbers of errors that a modem tells in words, as with AT+CMEE=2.
 *
 * Owns: nothing. Does not know: what an error means.
 * Lifetime: pure functions. Called from: at-reader.c.
 * Sources: 3GPP TS 27.007 9.2 (+CME ERROR), TS 27.005 3.2.5 (+CMS ERROR).
 */
#pragma once

/* By letters and digits alone, of either case; -1: no such words. */
int at_error_of_equipment(const char *words);
int at_error_of_message(const char *words);
