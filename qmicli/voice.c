/*
 * VOICE: how calls are set up.
 */
#include <qmikit/voice.h>

#include "services.h"
#include "steps.h"

/* All there is in the first version of the service. */
static const struct command_preset config_presets[] = {
	{ "auto-answer", true },
	{ "air-timer", true },
	{ "roam-timer", true },
	{ "tty-mode", true },
	{ "preferred-voice-service-option", true },
	{ "amr-status", true },
	{ "preferred-voice-privacy", true },
	{ 0 },
};

/* Whether the service is known to be so young: it is not known unless --device-open-version-info has asked. */
static bool is_at_least(const struct steps *steps, uint16_t major, uint16_t minor)
{
	uint16_t its_major, its_minor;

	if (qk_device_service_version(steps->session->device, QK_SERVICE_ID_VOICE, &its_major,
				      &its_minor) < 0)
		return false;
	return its_major > major || (its_major == major && its_minor >= minor);
}

/* What later versions brought is asked for where it is known to be there. */
static int run_get_config(struct steps *steps, void *request)
{
	struct qk_voice_get_config_request *get = request;

	get->has_nam_index = get->nam_index = is_at_least(steps, 2, 3);
	get->has_voice_domain_preference = get->voice_domain_preference = is_at_least(steps, 2, 9);
	return steps_row(steps, get) ? 0 : steps->failure->code;
}

/* Some lines of libqmi's tool do not end. */
static const struct text_row config_text[] = {
	TEXT_LINE("[{@device}] Successfully retrieved Voice configuration:\n"),
	TEXT_IF("auto-answer-status",
		"Auto Answer Status: '{auto-answer-status?enabled:disabled}'"),
	TEXT_IF("air-timer-count", "Air Timer Count:\n\tNAM ID: '{nam-id}'\tTimer: '{air-timer}'"),
	TEXT_IF("roam-timer-count",
		"Roam Timer Count:\n\tNAM ID: '{nam-id}'\tTimer: '{roam-timer}'"),
	TEXT_IF("current-tty-mode", "Current TTY mode: '{current-tty-mode}'"),
	TEXT_IF("current-preferred-voice-so",
		"Current Preferred Voice SO:\n"
		"\tNAM ID: '{nam-id}'\n"
		"\tEVRC capability: '{evrc-capability?enabled:disabled}'\n"
		"\tHome Page Voice SO: '{home-page-voice-service-option}'\n"
		"\tHome Origination Voice SO: '{home-origination-voice-service-option}'\n"
		"\tRoaming Origination Voice SO: '{roaming-origination-voice-service-option}'\n"),
	TEXT_IF("current-amr-status", "AMR Status:\n"
				      "\tGSM: '{gsm?enabled:disabled}'\n"
				      "\tWCDMA: '{wcdma}' (0x{wcdma:X})\n"),
	TEXT_IF("current-voice-privacy-preference",
		"Current Voice Privacy Preference: '{current-voice-privacy-preference}'\n"),
	TEXT_IF("current-voice-domain-preference",
		"Current Voice Domain Preference: '{current-voice-domain-preference}'\n"),
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "voice-get-config",
	  .method = "voice/get-config",
	  .help = "Show how calls are answered and coded",
	  .course = COURSE(.presets = config_presets, .run = run_get_config),
	  .failure = "couldn't get Voice configuration",
	  .text = config_text },
	COMMAND_SUPPORTED_MESSAGES(voice, VOICE),
	COMMAND_NOOP(voice),
	{ 0 },
};

const struct command_service commands_voice = { QK_SERVICE_ID_VOICE, "voice", "Voice Service",
						commands };
