/*
 * Keys for Wireshark: a directory that WIRESHARK_CONFIG_DIR can name, with the
 * tables `esp_sa`, `ikev1_decryption_table` and `ikev2_decryption_table`. Mode
 * 0700, files 0600: whoever reads them reads the traffic.
 */
#ifndef KEYS_H
#define KEYS_H

#include "tree.h"

/*
 * Every SA of every tunnel. 0, or an errno with a sentence in why. An SA whose
 * algorithm Wireshark does not know is named in a comment.
 */
int keys_write(const struct cfg_tree *tree, const char *dir, char *why,
	       size_t why_octets);

#endif
