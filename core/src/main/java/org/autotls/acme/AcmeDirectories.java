package org.autotls.acme;

import java.net.URI;

/** The directory URLs (RFC 8555 §7.1.1) of well-known CAs. */
public final class AcmeDirectories {

    /** Let's Encrypt, certificates that browsers trust. */
    public static final URI LETS_ENCRYPT = URI.create("https://acme-v02.api.letsencrypt.org/directory");

    /** Let's Encrypt's staging CA: generous limits, certificates that nobody trusts. For trying things out. */
    public static final URI LETS_ENCRYPT_STAGING = URI.create("https://acme-staging-v02.api.letsencrypt.org/directory");

    private AcmeDirectories() {}
}
