/*
 * Words: names of numbers that the interfaces of api/ leave as numbers, since QMI modems do not set them: those of
 * CDMA.
 *
 * Owns: const tables. Does not know: anything else. Lifetime: the program's.
 * Called from: screens-*.c, compose.c, arguments.c.
 */
#pragma once

#include "api/api.h"

extern const struct api_values words_rm_protocol;
extern const struct api_values words_teleservice;
extern const struct api_values words_service_category;
extern const struct api_values words_cdma_registration;
extern const struct api_values words_cdma_activation;
