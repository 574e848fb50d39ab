package org.autotls.cli;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Marks every request as what it was for the client: https. The terminator takes nothing but TLS, so there is nothing to ask
 * the connection.
 */
final class TlsInFront implements HttpConfiguration.Customizer {

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders) {
        return new SecureRequest(request);
    }

    private static final class SecureRequest extends Request.Wrapper {

        private final HttpURI uri;

        SecureRequest(Request wrapped) {
            super(wrapped);
            this.uri =
                    HttpURI.build(wrapped.getHttpURI()).scheme(HttpScheme.HTTPS).asImmutable();
        }

        @Override
        public HttpURI getHttpURI() {
            return uri;
        }

        @Override
        public boolean isSecure() {
            return true;
        }
    }
}
