/*
 * Control, OMA: what a server of device management does.
 */
#include <qmikit/oma.h>

#include "control-table.h"

struct session {
	uint32_t state;
	uint32_t reason;
};

struct alert {
	uint32_t type;
	uint32_t id;
};

static const struct qk_sim_word state_words[] = {
	{ "completed", QK_OMA_SESSION_STATE_COMPLETE_INFORMATION_UPDATED },
	{ "completed-without-information",
	  QK_OMA_SESSION_STATE_COMPLETE_UPDATED_INFORMATION_UNAVAILABLE },
	{ "failed", QK_OMA_SESSION_STATE_FAILED },
	{ "retrying", QK_OMA_SESSION_STATE_RETRYING },
	{ "connecting", QK_OMA_SESSION_STATE_CONNECTING },
	{ "connected", QK_OMA_SESSION_STATE_CONNECTED },
	{ "authenticated", QK_OMA_SESSION_STATE_AUTHENTICATED },
	{ "mdn-downloaded", QK_OMA_SESSION_STATE_MDN_DOWNLOADED },
	{ "msid-downloaded", QK_OMA_SESSION_STATE_MSID_DOWNLOADED },
	{ "prl-downloaded", QK_OMA_SESSION_STATE_PRL_DOWNLOADED },
	{ "mip-profile-downloaded", QK_OMA_SESSION_STATE_MIP_PROFILE_DOWNLOADED },
	{ NULL, 0 },
};

static const struct qk_sim_word reason_words[] = {
	{ "unknown", QK_OMA_SESSION_FAILED_REASON_UNKNOWN },
	{ "network-unavailable", QK_OMA_SESSION_FAILED_REASON_NETWORK_UNAVAILABLE },
	{ "server-unavailable", QK_OMA_SESSION_FAILED_REASON_SERVER_UNAVAILABLE },
	{ "authentication-failed", QK_OMA_SESSION_FAILED_REASON_AUTHENTICATION_FAILED },
	{ "max-retry-exceeded", QK_OMA_SESSION_FAILED_REASON_MAX_RETRY_EXCEEDED },
	{ "session-cancelled", QK_OMA_SESSION_FAILED_REASON_SESSION_CANCELLED },
	{ NULL, 0 },
};

static const struct qk_sim_word type_words[] = {
	{ "prl-update", QK_OMA_SESSION_TYPE_NETWORK_INITIATED_PRL_UPDATE },
	{ "device-configure", QK_OMA_SESSION_TYPE_NETWORK_INITIATED_DEVICE_CONFIGURE },
	{ NULL, 0 },
};

static const struct qk_sim_member session_members[] = {
	{ "state", WORD, QK_CONTROL_AT(session, state), .words = state_words },
	{ "reason", WORD, QK_CONTROL_AT(session, reason), .words = reason_words, .optional = true },
};
static const struct qk_sim_member alert_members[] = {
	{ "type", WORD, QK_CONTROL_AT(alert, type), .words = type_words },
	{ "id", UINT, QK_CONTROL_AT(alert, id), .max = UINT16_MAX },
};

static int go_on(struct qk_control_call *call)
{
	const struct session *session = call->arguments;

	if (call->given & 1u << 1 && session->state != QK_OMA_SESSION_STATE_FAILED)
		return qk_control_refuse(call, "oma-session: a reason goes with failed");
	if (qk_sim_oma_go_on(call->state, (uint8_t)session->state, (uint8_t)session->reason) < 0)
		return qk_control_refuse(call, "oma-session: there is no session");
	return 0;
}

static int alert(struct qk_control_call *call)
{
	const struct alert *arguments = call->arguments;

	qk_sim_oma_alert(call->state, (uint8_t)arguments->type, (uint16_t)arguments->id);
	return 0;
}

static const struct qk_control_row rows[] = {
	{ "oma-session", "how a session of device management goes on, or why it failed",
	  session_members, QK_CONTROL_COUNT(session_members), sizeof(struct session), go_on },
	{ "oma-alert", "the network wants a session of device management", alert_members,
	  QK_CONTROL_COUNT(alert_members), sizeof(struct alert), alert },
};

const struct qk_control_rows qk_control_oma_rows = { rows, QK_CONTROL_COUNT(rows) };
