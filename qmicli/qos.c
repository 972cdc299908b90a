/*
 * QOS: what quality of service the network grants, and Sierra Wireless's counters of it.
 */
#include <qmikit/qos.h>

#include "services.h"

static const struct text_row data_stats_text[] = {
	TEXT_LINE("[{@device}] QoS data stats read\n"),
	TEXT_IF("apn", "  APN ID:             {apn-id}\n"
		       "  TX packets:         {tx-packets}\n"
		       "  TX packets dropped: {tx-packets-dropped}\n"
		       "  RX packets:         {rx-packets}\n"
		       "  TX bytes:           {tx-bytes}\n"
		       "  TX bytes dropped:   {tx-bytes-dropped}\n"
		       "  RX bytes:           {rx-bytes}\n"),
	{ .when = TEXT_EACH,
	  .path = "flow",
	  .text = "  Flow {@}\n"
		  "    Bearer ID:          {bearer-id}\n"
		  "    TX packets:         {tx-packets}\n"
		  "    TX packets dropped: {tx-packets-dropped}\n"
		  "    TX bytes:           {tx-bytes}\n"
		  "    TX bytes dropped:   {tx-bytes-dropped}\n" },
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "qos-get-flow-status",
	  .method = "qos/get-flow-status",
	  .help = "Show the status of a flow",
	  .argument = TAKES("QOS-ID", .field = "qos-id"),
	  .failure = "couldn't get QoS flow status",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] QoS flow status: {value}\n")) },
	{ .name = "qos-get-network-status",
	  .method = "qos/get-network-status",
	  .help = "Show whether the network supports quality of service",
	  .failure = "couldn't get network status",
	  .text = TEXT_ROWS(
		  TEXT_LINE("[{@device}] QoS {qos-supported?:not }supported in network\n")) },
	{ .name = "qos-swi-read-data-stats",
	  .method = "qos/swi-read-data-stats",
	  .help = "Show what has passed on an APN (Sierra Wireless)",
	  .argument = TAKES("APN-ID", .field = "apn-id"),
	  .failure = "couldn't read data stats",
	  .text = data_stats_text },
	COMMAND_RESET(qos, QoS),
	COMMAND_NOOP(qos),
	{ 0 },
};

const struct command_service commands_qos = { QK_SERVICE_ID_QOS, "qos", "Quality of Service",
					      commands };
