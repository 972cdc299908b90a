/*
 * IMS: the settings of the IP Multimedia Subsystem. libqmi has these commands since 1.34.
 */
#include <qmikit/ims.h>

#include "services.h"

static const struct text_row services_enabled_text[] = {
	TEXT_LINE("[{@device}] IMS services:\n"),
	TEXT_IF("ims-voice-service-enabled",
		"\t          Voice service enabled: {ims-voice-service-enabled}\n"),
	TEXT_IF("ims-video-telephony-service-enabled",
		"\tVideo Telephony service enabled: {ims-video-telephony-service-enabled}\n"),
	TEXT_IF("ims-voice-wifi-service-enabled",
		"\t     Voice WiFi service enabled: {ims-voice-wifi-service-enabled}\n"),
	TEXT_IF("ims-registration-service-enabled",
		"\t       IMS registration enabled: {ims-registration-service-enabled}\n"),
	TEXT_IF("ims-ut-service-enabled",
		"\t      UE to TAS service enabled: {ims-ut-service-enabled}\n"),
	TEXT_IF("ims-sms-service-enabled",
		"\t            SMS service enabled: {ims-sms-service-enabled}\n"),
	/* libqmi prints what it knows of UE to TAS here, a plain slip. */
	TEXT_IF("ims-ussd-service-enabled",
		"\t           USSD service enabled: {ims-ussd-service-enabled}\n"),
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "ims-bind",
	  .method = "ims/bind",
	  .help = "Bind to a subscription; use it with --client-no-release-cid",
	  .argument = TAKES("BINDING", .field = "binding"),
	  .failure = "couldn't bind to IMS Settings",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] IMS Settings bind successful\n")) },
	{ .name = "ims-get-ims-services-enabled-setting",
	  .method = "ims/get-ims-services-enabled-setting",
	  .help = "Show which services are enabled",
	  .failure = "couldn't get IMS services enabled setting",
	  .text = services_enabled_text },
	COMMAND_NOOP(ims),
	{ 0 },
};

const struct command_service commands_ims = { QK_SERVICE_ID_IMS, "ims",
					      "IP Multimedia Subsystem Settings Service",
					      commands };
