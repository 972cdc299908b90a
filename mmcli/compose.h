/*
 * Compose: how a value of several parts becomes text: functions that rows of screens name, as those of show.h.
 *
 * Owns: nothing. Does not know: the bus, sections, where text goes.
 * Lifetime: one call. Called from: screens-*.c.
 */
#pragma once

#include "mmcli/show.h"

#define COMPOSE(name) \
	json_t *compose_##name(const struct show *show, const struct show_row *row, \
			       const json_t *value)

COMPOSE(state);
COMPOSE(failed_reason);
COMPOSE(quality);
COMPOSE(recent);
COMPOSE(mode);
COMPOSE(modes);
COMPOSE(ports);
COMPOSE(retries);
COMPOSE(slots);
COMPOSE(slot);
COMPOSE(pco);
COMPOSE(rejection);
COMPOSE(attach_text);
COMPOSE(attach_flags);
COMPOSE(nr5g_name);
COMPOSE(error_name);
COMPOSE(error_text);
COMPOSE(roaming);
COMPOSE(rm_protocol);
COMPOSE(ip_text);
COMPOSE(ip_number);
COMPOSE(ip_positive);
COMPOSE(dns);
COMPOSE(start_date);
COMPOSE(networks);
COMPOSE(validity);
COMPOSE(class);
COMPOSE(report);
COMPOSE(delivery);
COMPOSE(storages);
COMPOSE(gps_rate);
COMPOSE(gps_supl);
COMPOSE(gps_assistance);
COMPOSE(gps_servers);
COMPOSE(mcc);
COMPOSE(mnc);
COMPOSE(lac);
COMPOSE(tac);
COMPOSE(cell_id);
COMPOSE(nmea);
COMPOSE(gps_text);
COMPOSE(gps_degrees);
COMPOSE(cdma_degrees);
COMPOSE(update_method);
COMPOSE(update_ids);
COMPOSE(update_text);
COMPOSE(session);
COMPOSE(pending);
COMPOSE(scan);
COMPOSE(firmware);
COMPOSE(profiles);
COMPOSE(cells);
COMPOSE(channels);
COMPOSE(offset);
