/*
 * Status: what the broker holds, as a JSON document or as text to read.
 *
 * Owns: nothing. Does not know: who asks, how it is sent.
 * Lifetime: none. Called from: open.c, and the tests.
 */
#pragma once

#include "broker.h"

/* What fits one frame beside its headers. Lists that are longer say how many they leave out. */
#define STATUS_MAX ((size_t)60000)

/* Writes into STATUS_MAX bytes; returns how many (a 0 follows that is not counted). */
size_t status_write(const struct broker *broker, bool as_text, char buffer[STATUS_MAX]);
