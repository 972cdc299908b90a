/*
 * The text of NAS Get System Info: for each radio technology a service status, and what is known
 * of the system, each field with a flag that says whether it is valid.
 */
#include "nas.h"

enum { NO_INDEX = 0xffff };

static const struct text_row network_id_text[] = {
	TEXT_VALID("network-id-valid", "\t\tMCC: '{mcc}'\n\t\tMNC: '{mnc}'\n"),
	TEXT_END,
};

/* What every technology begins with. */
static const struct text_row domain_text[] = {
	TEXT_VALID("domain-valid", "\t\tDomain: '{domain}'\n"),
	TEXT_VALID("service-capability-valid", "\t\tService capability: '{service-capability}'\n"),
	TEXT_VALID("roaming-status-valid", "\t\tRoaming status: '{roaming-status}'\n"),
	TEXT_VALID("forbidden-valid", "\t\tForbidden: '{forbidden}'\n"),
	TEXT_END,
};

static const struct text_row cell_text[] = {
	{ .rows = domain_text },
	TEXT_VALID("lac-valid", "\t\tLocation Area Code: '{lac}'\n"),
	TEXT_VALID("cid-valid", "\t\tCell ID: '{cid}'\n"),
	TEXT_VALID("registration-reject-info-valid",
		   "\t\tRegistration reject: "
		   "'{registration-reject-domain}' ({registration-reject-cause})\n"),
	{ .rows = network_id_text },
	TEXT_END,
};

/* In libqmi's text the two coordinates have changed places; its bytes count. */
static const struct text_row cdma_system_text[] = {
	{ .rows = domain_text },
	TEXT_VALID("prl-match-valid", "\t\tPRL match: '{prl-match}'\n"),
	TEXT_VALID("p-rev-valid", "\t\tP-Rev: '{p-rev}'\n"),
	TEXT_VALID("base-station-p-rev-valid", "\t\tBase station P-Rev: '{base-station-p-rev}'\n"),
	TEXT_VALID("concurrent-service-support-valid",
		   "\t\tConcurrent service support: '{concurrent-service-support}'\n"),
	TEXT_VALID("cdma-system-id-valid", "\t\tSID: '{sid}'\n\t\tNID: '{nid}'\n"),
	TEXT_VALID("base-station-info-valid",
		   "\t\tBase station ID: '{base-station-id}'\n"
		   "\t\tBase station latitude: '{base-station-longitude/14400}'º\n"
		   "\t\tBase station longitude: '{base-station-latitude/14400}'º\n"),
	TEXT_VALID("packet-zone-valid", "\t\tPacket zone: '{packet-zone}'\n"),
	{ .rows = network_id_text },
	TEXT_END,
};

#define GEO_INDEX_ROW \
	TEXT_UNLESS("geo-system-index", NO_INDEX, "\t\tGeo system index: '{geo-system-index}'\n")

static const struct text_row geo_text[] = {
	GEO_INDEX_ROW,
	TEXT_END,
};

static const struct text_row cdma_additional_text[] = {
	GEO_INDEX_ROW,
	TEXT_UNLESS("registration-period", NO_INDEX,
		    "\t\tRegistration period: '{registration-period}'\n"),
	TEXT_END,
};

static const struct text_row broadcast_text[] = {
	GEO_INDEX_ROW,
	TEXT_LINE("\t\tCell broadcast support: '{cell-broadcast-support}'\n"),
	TEXT_END,
};

static const struct text_row cdma_text[] = {
	{ .when = TEXT_PRESENT, .path = "/cdma-system-info", .rows = cdma_system_text },
	{ .when = TEXT_PRESENT,
	  .path = "/additional-cdma-system-info",
	  .rows = cdma_additional_text },
	TEXT_END,
};

static const struct text_row hdr_system_text[] = {
	{ .rows = domain_text },
	TEXT_VALID("prl-match-valid", "\t\tPRL match: '{prl-match}'\n"),
	TEXT_VALID("personality-valid", "\t\tPersonality: '{personality}'\n"),
	TEXT_VALID("protocol-revision-valid", "\t\tProtocol revision: '{protocol-revision}'\n"),
	TEXT_VALID("is-856-system-id-valid", "\t\tIS-856 system ID: '{is-856-system-id}'\n"),
	TEXT_END,
};

static const struct text_row hdr_text[] = {
	{ .when = TEXT_PRESENT, .path = "/hdr-system-info", .rows = hdr_system_text },
	{ .when = TEXT_PRESENT, .path = "/additional-hdr-system-info", .rows = geo_text },
	TEXT_END,
};

#define BARRING_ROW(tlv) \
	TEXT_IF(tlv, "\t\tCall barring status (CS): '{cs-status}'\n" \
		     "\t\tCall barring status (PS): '{ps-status}'\n")

static const struct text_row gsm_system_text[] = {
	{ .rows = cell_text },
	TEXT_VALID("egprs-support-valid", "\t\tE-GPRS supported: '{egprs-support}'\n"),
	TEXT_VALID("dtm-support-valid", "\t\tDual Transfer Mode supported: '{dtm-support}'\n"),
	TEXT_END,
};

static const struct text_row gsm_text[] = {
	{ .when = TEXT_PRESENT, .path = "/gsm-system-info-v2", .rows = gsm_system_text },
	{ .when = TEXT_PRESENT, .path = "/additional-gsm-system-info", .rows = broadcast_text },
	BARRING_ROW("/gsm-call-barring-status"),
	TEXT_IF("/gsm-cipher-domain", "\t\tCipher Domain: '{/gsm-cipher-domain}'\n"),
	TEXT_END,
};

static const struct text_row hs_text[] = {
	TEXT_VALID("hs-call-status-valid", "\t\tHS call status: '{hs-call-status}'\n"),
	TEXT_VALID("hs-service-valid", "\t\tHS service: '{hs-service}'\n"),
	TEXT_END,
};

static const struct text_row wcdma_system_text[] = {
	{ .rows = cell_text },
	{ .rows = hs_text },
	TEXT_VALID("primary-scrambling-code-valid",
		   "\t\tPrimary scrambling code: '{primary-scrambling-code}'\n"),
	TEXT_END,
};

static const struct text_row wcdma_text[] = {
	{ .when = TEXT_PRESENT, .path = "/wcdma-system-info-v2", .rows = wcdma_system_text },
	{ .when = TEXT_PRESENT, .path = "/additional-wcdma-system-info", .rows = broadcast_text },
	BARRING_ROW("/wcdma-call-barring-status"),
	TEXT_IF("/wcdma-cipher-domain", "\t\tCipher Domain: '{/wcdma-cipher-domain}'\n"),
	TEXT_END,
};

static const struct text_row tac_text[] = {
	{ .rows = cell_text },
	TEXT_VALID("tac-valid", "\t\tTracking Area Code: '{tac}'\n"),
	TEXT_END,
};

#define ROOT_ROW(tlv, label) TEXT_IF("/" tlv, "\t\t" label ": '{/" tlv "}'\n")

static const struct text_row lte_text[] = {
	{ .when = TEXT_PRESENT, .path = "/lte-system-info-v2", .rows = tac_text },
	{ .when = TEXT_PRESENT, .path = "/additional-lte-system-info", .rows = geo_text },
	ROOT_ROW("lte-voice-support", "Voice support"),
	ROOT_ROW("ims-voice-support", "IMS voice support"),
	ROOT_ROW("lte-embms-coverage-info-support", "eMBMS coverage info support"),
	ROOT_ROW("lte-embms-coverage-info-trace-id", "eMBMS coverage info trace ID"),
	ROOT_ROW("lte-cell-access-status", "Cell access"),
	ROOT_ROW("network-selection-registration-restriction", "Registration restriction"),
	ROOT_ROW("lte-registration-domain", "Registration domain"),
	ROOT_ROW("eutra-with-nr5g-availability", "5G NSA Available"),
	ROOT_ROW("dcnr-restriction-info", "DCNR Restriction"),
	TEXT_END,
};

static const struct text_row td_scdma_system_text[] = {
	{ .rows = cell_text },
	{ .rows = hs_text },
	TEXT_VALID("cell-parameter-id-valid", "\t\tCell parameter ID: '{cell-parameter-id}'\n"),
	TEXT_VALID("cell-broadcast-support-valid",
		   "\t\tCell broadcast support: '{cell-broadcast-support}'\n"),
	TEXT_VALID("cs-call-barring-status-valid",
		   "\t\tCall barring status (CS): '{cs-call-barring-status}'\n"),
	TEXT_VALID("ps-call-barring-status-valid",
		   "\t\tCall barring status (PS): '{ps-call-barring-status}'\n"),
	TEXT_VALID("cipher-domain-valid", "\t\tCipher Domain: '{cipher-domain}'\n"),
	TEXT_END,
};

static const struct text_row td_scdma_text[] = {
	{ .when = TEXT_PRESENT, .path = "/td-scdma-system-info-v2", .rows = td_scdma_system_text },
	TEXT_END,
};

static const struct text_row nr5g_text[] = {
	{ .when = TEXT_PRESENT, .path = "/nr5g-system-info", .rows = tac_text },
	TEXT_END,
};

static void print_nr5g_tac(const struct text_scope *scope, struct output *out)
{
	struct qk_span tac = text_bytes(scope, "nr5g-tracking-area-code");

	if (tac.size == 3)
		output_printf(out, "\t5GNR Tracking Area Code: '%u'\n",
			      (unsigned int)tac.data[0] << 16 | tac.data[1] << 8 | tac.data[2]);
}

#define PATH_LINE "\t\tPreferred data path: '{preferred-data-path}'\n"
/* clang-format off */
#define SERVICE_ROW(tlv, label, section) \
	{ .when = TEXT_PRESENT, .path = (tlv), .rows = (section), \
	  .text = "\t" label " service:\n\t\tStatus: '{service-status}'\n" \
		  "\t\tTrue Status: '{true-service-status}'\n" PATH_LINE }
#define CDMA_SERVICE_ROW(tlv, label, section) \
	{ .when = TEXT_PRESENT, .path = (tlv), .rows = (section), \
	  .text = "\t" label " service:\n\t\tStatus: '{service-status}'\n" PATH_LINE }
/* clang-format on */

const struct text_row nas_system_info_text[] = {
	TEXT_LINE("[{@device}] Successfully got system info:\n"),
	CDMA_SERVICE_ROW("cdma-service-status", "CDMA 1x", cdma_text),
	CDMA_SERVICE_ROW("hdr-service-status", "CDMA 1xEV-DO (HDR)", hdr_text),
	SERVICE_ROW("gsm-service-status", "GSM", gsm_text),
	SERVICE_ROW("wcdma-service-status", "WCDMA", wcdma_text),
	SERVICE_ROW("lte-service-status", "LTE", lte_text),
	SERVICE_ROW("td-scdma-service-status", "TD-SCDMA", td_scdma_text),
	SERVICE_ROW("nr5g-service-status-info", "5G SA", nr5g_text),
	{ .when = TEXT_PRESENT, .path = "nr5g-tracking-area-code", TEXT_PRINT(print_nr5g_tac) },
	TEXT_IF("sim-reject-info", "\tSIM reject info: '{sim-reject-info}'\n"),
	TEXT_END,
};
