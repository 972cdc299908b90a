/*
 * Large (see large.h).
 */
#include "large.h"

#include <stddef.h>

#include <qmikit/common.h>

#define NOBODY 0xff

static const struct {
	uint8_t byte;
	uint16_t id;
} rows[] = {
	{ 0xfd, QK_SERVICE_ID_SSC },
	{ 0xfe, QK_SERVICE_ID_IMSDCM },
};

uint16_t qk_sim_service_id(uint8_t byte)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].byte == byte)
			return rows[i].id;
	return byte;
}

uint8_t qk_sim_service_byte(uint16_t id)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].id == id)
			return rows[i].byte;
	return id > UINT8_MAX || qk_sim_service_is_large((uint8_t)id) ? NOBODY : (uint8_t)id;
}

bool qk_sim_service_is_large(uint8_t byte)
{
	return qk_sim_service_id(byte) > UINT8_MAX;
}
