/*
 * Operator name: it takes a question of its own, which is asked when the modem has come to another network.
 */
#include "operator-name.h"

#include <string.h>
#include <qmikit/common.h>

#include "lib/3gpp/gsm7.h"
#include "lib/3gpp/utf8.h"
#include "modem.h"

enum { NAME_MAX_BYTES = 256 };

/* UCS-2 comes little endian, where elsewhere it is big. */
static int ucs2(const struct qk_bytes *bytes, char *buffer, size_t size)
{
	uint8_t swapped[NAME_MAX_BYTES];
	size_t used = bytes->size & ~(size_t)1;

	for (size_t i = 0; i < used; i++)
		swapped[i] = bytes->data[i ^ 1];
	return qk_ucs2_to_utf8((struct qk_span){ swapped, used }, buffer, size);
}

/* NULL: there is none, or none that can be read. */
static json_t *name_json(uint8_t encoding, const struct qk_bytes *bytes)
{
	char text[3 * NAME_MAX_BYTES] = "";
	int r = -1;

	if (bytes->size == 0 || bytes->size > NAME_MAX_BYTES)
		return NULL;
	switch ((enum qk_nas_network_description_encoding)encoding) {
	case QK_NAS_NETWORK_DESCRIPTION_ENCODING_UNSPECIFIED:
	case QK_NAS_NETWORK_DESCRIPTION_ENCODING_ASCII7:
		return json_text((const char *)bytes->data, bytes->size);
	case QK_NAS_NETWORK_DESCRIPTION_ENCODING_UNICODE:
		r = ucs2(bytes, text, sizeof(text));
		break;
	case QK_NAS_NETWORK_DESCRIPTION_ENCODING_GSM:
		r = qk_gsm7_to_utf8((struct qk_span){ bytes->data, bytes->size }, text,
				    sizeof(text));
		break;
	}
	return r < 0 || !text[0] ? NULL : json_string(text);
}

static void take_name(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_nas_get_plmn_name_response *r = response;
	const struct qk_nas_eons_plmn_name *names = &r->_3gpp_eons_plmn_name;
	json_t *name = NULL;

	(void)about;
	if (error || !r->has_3gpp_eons_plmn_name)
		return;
	name = name_json(names->service_provider_name_encoding, &names->service_provider_name);
	if (!name)
		name = name_json(names->long_name_encoding, &names->long_name);
	if (!name)
		name = name_json(names->short_name_encoding, &names->short_name);
	modem_set(operation_modem(op), API_MODEM3GPP_OPERATOR_NAME, name);
}

/* Until the answer is there the network is called what its news call it. */
void operator_name_read(struct operation *operation, const char *code,
			const struct qk_nas_plmn_description *plmn)
{
	const struct qk_nas_get_plmn_name_request request = {
		.has_plmn = true,
		.plmn = { .mcc = plmn->mcc, .mnc = plmn->mnc },
		.has_mnc_pcs_digit_include_status = true,
		.mnc_pcs_digit_include_status = strlen(code) == 6,
	};
	struct modem *modem = operation_modem(operation);
	const char *told =
		json_string_value(api_object_get(modem->object, API_MODEM3GPP_OPERATOR_CODE));

	if (told && strcmp(told, code) == 0)
		return;
	modem_set(modem, API_MODEM3GPP_OPERATOR_NAME,
		  plmn->description.size ? json_text(plmn->description.data, plmn->description.size)
					 : json_string(""));
	operation_ask(operation, &(struct question){ .service = QK_SERVICE_ID_NAS,
						     .need = OPERATION_SPARES,
						     .method = &qk_nas_get_plmn_name_method,
						     .take = take_name,
						     .request = &request });
}
