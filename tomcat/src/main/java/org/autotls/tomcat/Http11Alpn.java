package org.autotls.tomcat;

import java.nio.charset.StandardCharsets;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Has Tomcat choose {@code http/1.1} by ALPN (RFC 7301); by itself it chooses nothing when a client offers no more than that.
 * Without a processor of its own for the protocol, Tomcat goes on with its HTTP/1.1. Stateless.
 */
final class Http11Alpn implements UpgradeProtocol {

    private static final String NAME = "http/1.1";

    @Override
    public @Nullable String getHttpUpgradeName(boolean secure) {
        return null;
    }

    @Override
    public byte[] getAlpnIdentifier() {
        return NAME.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String getAlpnName() {
        return NAME;
    }

    @Override
    public @Nullable Processor getProcessor(SocketWrapperBase<?> socket, Adapter adapter) {
        return null;
    }

    @Override
    public @Nullable InternalHttpUpgradeHandler getInternalUpgradeHandler(
            SocketWrapperBase<?> socket, Adapter adapter, Request request) {
        return null;
    }

    @Override
    public boolean accept(Request request) {
        return false;
    }
}
