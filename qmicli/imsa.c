/*
 * IMSA: registration with the IP Multimedia Subsystem. libqmi has these commands since 1.34.
 */
#include <qmikit/imsa.h>

#include "services.h"

static const struct text_row registration_text[] = {
	TEXT_LINE("[{@device}] IMS registration:\n"),
	TEXT_IF("ims-registration-status", "\t    Status: '{ims-registration-status}'\n"),
	TEXT_IF("ims-registration-technology", "\tTechnology: '{ims-registration-technology}'\n"),
	TEXT_END,
};

/* clang-format off */
#define SERVICE(title, name) \
	TEXT_LINE("\t" title " service\n"), \
	TEXT_IF("ims-" name "-service-status", "\t\t    Status: '{ims-" name "-service-status}'\n"), \
	TEXT_IF("ims-" name "-service-registration-technology", \
		"\t\tTechnology: '{ims-" name "-service-registration-technology}'\n")
/* clang-format on */

static const struct text_row services_text[] = {
	TEXT_LINE("[{@device}] IMS services:\n"),
	SERVICE("SMS", "sms"),
	SERVICE("Voice", "voice"),
	SERVICE("Video Telephony", "video-telephony"),
	SERVICE("UE to TAS", "ue-to-tas"),
	SERVICE("Video Share", "video-share"),
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "imsa-bind",
	  .method = "imsa/bind",
	  .help = "Bind to a subscription; use it with --client-no-release-cid",
	  .argument = TAKES("BINDING", .field = "binding"),
	  .failure = "couldn't bind to IMSA",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] IMSA bind successful\n")) },
	{ .name = "imsa-get-ims-registration-status",
	  .method = "imsa/get-ims-registration-status",
	  .help = "Show whether the modem is registered",
	  .failure = "couldn't get IMS registration status",
	  .text = registration_text },
	{ .name = "imsa-get-ims-services-status",
	  .method = "imsa/get-ims-services-status",
	  .help = "Show which services can be used",
	  .failure = "couldn't get IMS services status",
	  .text = services_text },
	COMMAND_NOOP(imsa),
	{ 0 },
};

const struct command_service commands_imsa = { QK_SERVICE_ID_IMSA, "imsa",
					       "IP Multimedia Subsystem Application Service",
					       commands };
