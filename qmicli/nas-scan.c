/*
 * NAS, scan: the networks that can be heard, all at once or as they are found.
 */
#include "nas.h"

#include "steps.h"

#define NETWORK "Network [{@}]:\n\tMCC: '{mcc}'\n\tMNC: '{mnc}'\n"

const struct text_row nas_network_scan_text[] = {
	TEXT_LINE("[{@device}] Successfully scanned networks\n"),
	{ .when = TEXT_EACH,
	  .path = "network-information",
	  .text = NETWORK "\tStatus: '{network-status}'\n\tDescription: '{description}'\n" },
	{ .when = TEXT_EACH,
	  .path = "radio-access-technology",
	  .text = NETWORK "\tRAT: '{radio-interface}'\n" },
	{ .when = TEXT_EACH,
	  .path = "mnc-pcs-digit-include-status",
	  .text = NETWORK "\tMCC with PCS digit: '{includes-pcs-digit}'\n" },
	TEXT_IF("network-scan-result", "Network scan result: {network-scan-result}\n"),
	TEXT_END,
};

/* As libqmi's main branch has it: 1.32 has no such option. */
static const struct text_row found_text[] = {
	TEXT_LINE("[{@device}] Received incremental network scan indication:\n"),
	{ .when = TEXT_EACH,
	  .path = "network-information",
	  .text = NETWORK "\tMCC with PCS digit: '{includes-pcs-digit}'\n"
			  "\tStatus: '{network-status}'\n"
			  "\tRAT: '{radio-interface}'\n"
			  "\tDescription: '{description}'\n" },
	TEXT_WHERE("status", QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_COMPLETE,
		   "\nIncremental network scan complete\n"),
	TEXT_WHERE("status", QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_ABORTED,
		   "\nIncremental network scan aborted\n"),
	TEXT_END,
};

/* Tells what is found while the scan goes on, until it ends or Ctrl+C. */
int nas_run_incremental_scan(struct steps *steps, void *request)
{
	enum { PATIENCE_USEC = 300000000 };
	const struct qk_nas_incremental_network_scan_indication *scan;
	uint32_t status = QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_PARTIAL;

	if (steps_listen(steps) || !steps_call(steps, &qk_nas_incremental_network_scan_method,
					       request, steps->action->command->failure))
		return steps->failure->code;
	steps_say(steps, "Registered incremental network scan events...\n");
	while (status == QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_PARTIAL) {
		if (steps_flush(steps))
			return steps->failure->code;
		scan = steps_told(steps, &qk_nas_incremental_network_scan_message, PATIENCE_USEC,
				  steps->action->command->failure);
		if (!scan)
			break;
		status = scan->status;
		steps_show(steps, &qk_nas_incremental_network_scan_message, scan, found_text);
		if (status > QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_ABORTED)
			steps_say(steps, "\nUnknown incremental network scan status %u\n", status);
	}
	if (steps_interrupted(steps))
		steps_forgive(steps);
	return steps->failure->code;
}
