/*
 * USB configuration: which functions the modem shows on the bus, now and after the next boot, as
 * AT+QCFG="usbcfg" and "usbnet" set it, and as what it is on the bus at all.
 *
 * Owns: its own values; plain data, a part of struct qk_sim_state.
 * Does not know: descriptors, transfers, AT, how often a host asks.
 * Lifetime: that of the state. A boot makes what is stored what is active.
 * Called from: state.c (start and boot), at-config.c, the control socket, the faces on a bus.
 *
 * Sources: a real `AT+QCFG="usbcfg"` of EC25 and EG25 (defaults, ranges), the fields' meaning from
 * public notes of users. How long the change waits [S]: until the next boot.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QK_CHECK_USB_CONFIG __attribute__((warn_unused_result))

/* Room for all names of functions. */
#define QK_SIM_USB_LIST_SIZE 64u

struct qk_sim_state;

/* What the network interface speaks: the values of AT+QCFG="usbnet". */
enum qk_sim_usbnet {
	QK_SIM_USBNET_QMI,
	QK_SIM_USBNET_ECM,
	QK_SIM_USBNET_MBIM,
	QK_SIM_USBNET_RNDIS,
	QK_SIM_USBNET_COUNT,
};

/* The fields of AT+QCFG="usbcfg" in its order, and "usbnet". */
struct qk_sim_usb_config {
	uint16_t vendor, product;
	bool diag, nmea, at, modem, network, adb, audio;
	uint32_t usbnet; /* enum qk_sim_usbnet */
};

/* As what it is on the bus. A crash may come back as one of the loaders first (state.h). */
enum qk_sim_guise {
	QK_SIM_GUISE_NONE, /* not there */
	QK_SIM_GUISE_MODEM,
	QK_SIM_GUISE_DOWNLOAD, /* 05c6:9008, the chip's emergency download mode */
	QK_SIM_GUISE_FASTBOOT, /* 18d1:d00d, the boot loader */
	QK_SIM_GUISE_DEAD,     /* plugged in, but no descriptor can be read: a fault */
};

/* Of a profile: what the modem says it is on the bus. */
struct qk_sim_usb_identity {
	uint16_t vendor, product, release;
	char manufacturer[32], product_name[32];
	uint8_t attributes; /* of the configuration: 0xa0 has remote wakeup, 0x80 has not */
	uint16_t max_power_ma;
	char functions[QK_SIM_USB_LIST_SIZE]; /* that are on at first; "": as it is delivered */
	uint32_t layout;                      /* enum qk_usb_layout of usb-model.h */
	bool needs_dtr;                       /* QMI is silent while the host's DTR is low */
	uint32_t rhythm_usec; /* interrupt endpoints are polled this often; 0: at once */
};

struct qk_sim_usb {
	struct qk_sim_usb_config stored, active;
	bool disabled;        /* its own Linux has switched the gadget off */
	bool dead;            /* by a fault: no descriptor can be read until it is booted */
	uint32_t left;        /* how many times it has left the bus: a face must not miss one */
	uint32_t rhythm_usec; /* as in the identity, unless it was switched off */
};

/* The modem as it is delivered. */
void qk_sim_usb_start(struct qk_sim_state *state);
/* It is booted: what was stored is active from now on. */
void qk_sim_usb_boot(struct qk_sim_state *state);

/* As what it is on the bus at this moment: the faces on a bus show this, and look again at each
 * QK_SIM_CHANGED_BUS. */
uint32_t qk_sim_usb_guise(const struct qk_sim_state *state);

/* Stores the functions (not `usbnet`) for the next boot. -EINVAL: ids of 0. */
QK_CHECK_USB_CONFIG int qk_sim_usb_set_functions(struct qk_sim_state *state,
						 const struct qk_sim_usb_config *config);
/* Stores the network's protocol for the next boot. -EINVAL: no enum qk_sim_usbnet. */
QK_CHECK_USB_CONFIG int qk_sim_usb_set_network(struct qk_sim_state *state, uint32_t usbnet);

/*
 * The function list of the modem's own Linux (/sys/class/android_usb/android0/functions):
 * "diag,serial,rmnet", with adb, audio, ecm, mbim, rndis where they are on. `serial` is all three
 * serial ports.
 *
 * Takes effect at once, for this boot only: the gadget leaves the bus and comes back by itself with
 * qk_sim_usb_enable(). -EINVAL: a name nobody knows, or one twice; -EBUSY: it is enabled.
 */
QK_CHECK_USB_CONFIG int qk_sim_usb_set_list(struct qk_sim_state *state, const char *list);
/* Whether such a list is right. */
bool qk_sim_usb_is_list(const char *list);
/* Writes the list that is active. `ret` has room for QK_SIM_USB_LIST_SIZE. */
void qk_sim_usb_list(const struct qk_sim_state *state, char ret[QK_SIM_USB_LIST_SIZE]);
/* What writing 0 and 1 to /sys/class/android_usb/android0/enable does: it leaves the bus without a
 * reboot, and comes back. */
void qk_sim_usb_enable(struct qk_sim_state *state, bool enable);
bool qk_sim_usb_is_enabled(const struct qk_sim_state *state);
