/*
 * The data format of modem (WDA) and kernel (qmi_wwan's raw_ip).
 *
 * Sources: libqmi 1.32's qmi-network for what is asked and said; ModemManager's mm-port-qmi.c for
 * modems that want to hear which endpoint is meant; users' reports of links that carry nothing
 * because the two differ.
 */
#include "format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/wda.h>

#include "netdev/mux.h"

/* What is known of both sides. */
struct formats {
	struct qk_client *wda;
	struct qk_links links;
	struct qk_data_endpoint endpoint;
	bool with_endpoint; /* the modem insists */
	uint32_t modem;     /* enum qk_wda_link_layer_protocol; 0: not known */
	bool aggregated;    /* the modem packs several packets into one */
	bool muxed;         /* and the kernel has links for it */
	enum qk_link_format kernel;
	bool kernel_can_choose;
};

static const char *protocol_name(uint32_t protocol)
{
	const char *name = qk_value_name(&qk_wda_link_layer_protocol_values, protocol);

	return name ? name : "unknown";
}

static uint32_t kernel_protocol(const struct formats *formats)
{
	return formats->kernel == QK_LINK_802_3 ? QK_WDA_LINK_LAYER_PROTOCOL_802_3
						: QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP;
}

static bool is_aggregation(bool has, uint32_t protocol)
{
	return has && protocol != QK_WDA_DATA_AGGREGATION_PROTOCOL_DISABLED;
}

/* The responses of both messages begin alike, but they are two types. */
static void on_format(const void *response, void *userdata)
{
	const struct qk_wda_get_data_format_response *answer = response;
	struct formats *formats = userdata;

	if (answer->has_link_layer_protocol)
		formats->modem = answer->link_layer_protocol;
	formats->aggregated = is_aggregation(answer->has_uplink_data_aggregation_protocol,
					     answer->uplink_data_aggregation_protocol) ||
			      is_aggregation(answer->has_downlink_data_aggregation_protocol,
					     answer->downlink_data_aggregation_protocol);
}

static void on_format_set(const void *response, void *userdata)
{
	const struct qk_wda_set_data_format_response *answer = response;
	struct formats *formats = userdata;

	if (answer->has_result && answer->result.status)
		return;
	if (answer->has_link_layer_protocol)
		formats->modem = answer->link_layer_protocol;
	formats->aggregated = is_aggregation(answer->has_uplink_data_aggregation_protocol,
					     answer->uplink_data_aggregation_protocol) ||
			      is_aggregation(answer->has_downlink_data_aggregation_protocol,
					     answer->downlink_data_aggregation_protocol);
}

/* The USB interface that carries the packets. */
static void find_endpoint(const struct job *job, struct formats *formats)
{
	char number[16] = "";

	formats->endpoint.endpoint_type = QK_DATA_ENDPOINT_TYPE_HSUSB;
	if (qk_link_read(&formats->links, job->interface, "device/bInterfaceNumber", number,
			 sizeof(number)) == 0)
		formats->endpoint.interface_number = (uint32_t)strtoul(number, NULL, 16);
}

static int get_modem_format(struct job *job, struct formats *formats)
{
	struct qk_wda_get_data_format_request request = { 0 };
	int r = modem_ask(&job->modem, formats->wda, &qk_wda_get_data_format_method, &request, 0,
			  on_format, formats);

	if (r != QK_ERROR_MISSING_ARGUMENT)
		return r;
	find_endpoint(job, formats);
	formats->with_endpoint = request.has_endpoint_info = true;
	request.endpoint_info = formats->endpoint;
	return modem_ask(&job->modem, formats->wda, &qk_wda_get_data_format_method, &request, 0,
			 on_format, formats);
}

/* Packets one by one in the form of `protocol`. */
static int set_modem_format(struct job *job, struct formats *formats, uint32_t protocol)
{
	struct qk_wda_set_data_format_request request = {
		.has_link_layer_protocol = true,
		.link_layer_protocol = protocol,
		.has_uplink_data_aggregation_protocol = true,
		.uplink_data_aggregation_protocol = QK_WDA_DATA_AGGREGATION_PROTOCOL_DISABLED,
		.has_downlink_data_aggregation_protocol = true,
		.downlink_data_aggregation_protocol = QK_WDA_DATA_AGGREGATION_PROTOCOL_DISABLED,
		.has_endpoint_info = formats->with_endpoint,
		.endpoint_info = formats->endpoint,
	};
	int r;

	job_say(job, "Updating device link layer protocol...");
	r = modem_ask(&job->modem, formats->wda, &qk_wda_set_data_format_method, &request, 0,
		      on_format_set, formats);
	if (r == 0)
		job_say(job, "New device link layer protocol retrieved: %s",
			protocol_name(formats->modem));
	else if (r > 0)
		job_note("the modem does not take %s", protocol_name(protocol));
	return r < 0 ? r : 0;
}

/* Others' calls lie on the interface, told apart by QMAP: that is nothing to switch off. */
static bool has_mux_links(const struct job *job, const struct formats *formats)
{
	struct qk_mux_link *muxes = NULL;
	size_t count = 0;

	if (qk_mux_list(&formats->links, job->interface, &muxes, &count) < 0)
		return false;
	free(muxes);
	return count;
}

static int ask_modem(struct job *job, struct formats *formats)
{
	uint32_t wanted = formats->kernel_can_choose ? QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP
						     : QK_WDA_LINK_LAYER_PROTOCOL_802_3;
	int r;

	job_say(job, "Checking data format...");
	r = get_modem_format(job, formats);
	if (r == 0 && formats->modem)
		job_say(job, "Device link layer protocol retrieved: %s",
			protocol_name(formats->modem));
	formats->muxed = r == 0 && formats->aggregated && has_mux_links(job, formats);
	if (r == 0 && formats->modem && !formats->muxed &&
	    (formats->modem != wanted || formats->aggregated))
		r = set_modem_format(job, formats, wanted);
	return r;
}

/* The kernel takes what the modem has, the link going down for it. */
static int follow_modem(struct job *job, struct formats *formats)
{
	enum qk_link_format format = formats->modem == QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP
					     ? QK_LINK_RAW_IP
					     : QK_LINK_802_3;
	int r;

	if (formats->kernel == format) {
		job_say(job, "Device and kernel link layer protocol match: %s",
			protocol_name(formats->modem));
		return 0;
	}
	job_say(job, "Updating kernel link layer protocol...");
	r = formats->kernel_can_choose
		    ? qk_link_change_format(&formats->links, job->interface, format)
		    : -EOPNOTSUPP;
	if (r == 0)
		job_say(job, "Kernel link layer protocol updated");
	else if (job->options->no_ip_config)
		job_note("%s expects %s and the modem sends %s: nothing will pass", job->interface,
			 protocol_name(kernel_protocol(formats)), protocol_name(formats->modem));
	else
		return job_fail(job, EXIT_HOST, "Error updating kernel link layer protocol", r);
	return 0;
}

static int ask_kernel(struct job *job, struct formats *formats)
{
	int r = qk_link_format(&formats->links, job->interface, &formats->kernel);

	formats->kernel_can_choose = r == 0;
	if (r == 0 || r == -EOPNOTSUPP)
		return 0;
	return job_fail(job, EXIT_HOST, job->interface, r);
}

static int agree(struct job *job, struct formats *formats)
{
	int r = ask_kernel(job, formats);

	if (r)
		return r;
	r = modem_allocate(&job->modem, QK_SERVICE_ID_WDA, &formats->wda);
	if (r == 0) {
		job->state.wda_cid = qk_client_id(formats->wda);
		if (job_save(job))
			return job->failure->code;
		r = ask_modem(job, formats);
	}
	if (formats->muxed)
		return failure_set(job->failure, EXIT_HOST,
				   "%s is shared by mux links; delete them first: qmicli "
				   "--link-delete-all=%s",
				   job->interface, job->interface);
	if (r == -EINTR || (r < 0 && r != -ETIMEDOUT))
		return job_fail(job, EXIT_NO_CLIENT, "couldn't ask the modem for its data format",
				r);
	if (r || !formats->modem) {
		job_note("Device link layer protocol not retrieved: WDA unsupported");
		return 0;
	}
	if (formats->kernel_can_choose)
		job_say(job, "Expected link layer protocol retrieved: %s",
			protocol_name(kernel_protocol(formats)));
	else
		job_note("Expected link layer protocol not retrieved: kernel unsupported");
	return follow_modem(job, formats);
}

int format_agree(struct job *job)
{
	struct formats formats = { 0 };
	int code;

	/* Without an interface nothing travels. */
	if (!*job->interface)
		return 0;
	code = job_open_netlink(job);
	formats.links.netlink = job->netlink;
	if (code == 0)
		code = agree(job, &formats);
	if (formats.wda && modem_release(&job->modem, formats.wda) == 0)
		job->state.wda_cid = 0;
	return code ? code : job_save(job);
}

int format_release(struct job *job)
{
	struct qk_client *wda;
	int r;

	if (!job->state.wda_cid)
		return 0;
	r = job_open_quietly(job);
	if (r == 0)
		r = modem_adopt(&job->modem, QK_SERVICE_ID_WDA, (uint8_t)job->state.wda_cid, &wda);
	if (r == 0)
		r = modem_release(&job->modem, wda);
	/* One that was given back already is as good. */
	if (r && r != QK_ERROR_INVALID_CLIENT_ID)
		job_note("client id %u of WDA was not given back", job->state.wda_cid);
	job->state.wda_cid = 0;
	return job_save(job);
}
