package org.autotls.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Who judges the certificates that clients show (mutual TLS), and whether each client must show one. A CA's validation of a
 * challenge is never asked for one. Immutable.
 */
public final class ClientTrust {

    private final TrustManager[] managers;
    private final boolean required;

    private ClientTrust(TrustManager[] managers, boolean required) {
        this.managers = managers.clone();
        this.required = required;
    }

    /**
     * Judges certificates where the server asks for them by its own settings.
     *
     * @param managers judge
     * @return trust that requires nothing by itself
     */
    public static ClientTrust whereAsked(TrustManager... managers) {
        return new ClientTrust(managers, false);
    }

    /**
     * Requires a certificate of every client, whatever the server's own settings say.
     *
     * @param managers judge
     * @return trust that requires a certificate
     */
    public static ClientTrust required(TrustManager... managers) {
        return new ClientTrust(managers, true);
    }

    /**
     * Requires of every client a certificate that one of these roots has signed, directly or through others (RFC 5280 §6).
     *
     * @param roots at least one
     * @return trust that requires a certificate
     * @throws IllegalArgumentException if there is no root
     */
    public static ClientTrust requiredFrom(List<X509Certificate> roots) {
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("roots of client certificates: expected at least one");
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < roots.size(); i++) {
                store.setCertificateEntry("root" + i, roots.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return required(factory.getTrustManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this JDK cannot check certificates", e);
        }
    }

    /**
     * Returns who judges.
     *
     * @return a copy
     */
    public TrustManager[] managers() {
        return managers.clone();
    }

    /**
     * Tells whether every client must show a certificate.
     *
     * @return whether it must
     */
    public boolean required() {
        return required;
    }
}
