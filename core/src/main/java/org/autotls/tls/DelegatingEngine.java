package org.autotls.tls;

import java.util.List;
import java.util.function.BiFunction;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The part of a wrapping engine that only passes calls on. One thread at a time, as any engine. */
abstract class DelegatingEngine extends SSLEngine {

    /** Replaced at most once, before its handshake begins. */
    SSLEngine delegate;

    private @Nullable BiFunction<SSLEngine, List<String>, String> selector;

    DelegatingEngine(SSLEngine delegate) {
        super(delegate.getPeerHost(), delegate.getPeerPort());
        this.delegate = delegate;
    }

    /** Moves all that a server may have set to another engine, and goes on with that one. */
    final void continueWith(SSLEngine other) {
        other.setSSLParameters(delegate.getSSLParameters());
        other.setEnableSessionCreation(delegate.getEnableSessionCreation());
        delegate = other;
        setHandshakeApplicationProtocolSelector(selector);
    }

    @Override
    public void closeInbound() throws SSLException {
        delegate.closeInbound();
    }

    @Override
    public boolean isInboundDone() {
        return delegate.isInboundDone();
    }

    @Override
    public void closeOutbound() {
        delegate.closeOutbound();
    }

    @Override
    public boolean isOutboundDone() {
        return delegate.isOutboundDone();
    }

    @Override
    public @Nullable Runnable getDelegatedTask() {
        return delegate.getDelegatedTask();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return delegate.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return delegate.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        delegate.setEnabledCipherSuites(suites);
    }

    @Override
    public String[] getSupportedProtocols() {
        return delegate.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return delegate.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        delegate.setEnabledProtocols(protocols);
    }

    @Override
    public SSLSession getSession() {
        return delegate.getSession();
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        return delegate.getHandshakeSession();
    }

    @Override
    public boolean getUseClientMode() {
        return delegate.getUseClientMode();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        delegate.setNeedClientAuth(need);
    }

    @Override
    public boolean getNeedClientAuth() {
        return delegate.getNeedClientAuth();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        delegate.setWantClientAuth(want);
    }

    @Override
    public boolean getWantClientAuth() {
        return delegate.getWantClientAuth();
    }

    @Override
    public void setEnableSessionCreation(boolean enable) {
        delegate.setEnableSessionCreation(enable);
    }

    @Override
    public boolean getEnableSessionCreation() {
        return delegate.getEnableSessionCreation();
    }

    @Override
    public SSLParameters getSSLParameters() {
        return delegate.getSSLParameters();
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
        if (!asksForNoIdentificationAgain(parameters)) {
            delegate.setSSLParameters(parameters);
            return;
        }
        // The JDK writes "" into a ticket, reads it back as null, and then resumes no session because they differ.
        parameters.setEndpointIdentificationAlgorithm(null);
        try {
            delegate.setSSLParameters(parameters);
        } finally {
            parameters.setEndpointIdentificationAlgorithm("");
        }
    }

    private boolean asksForNoIdentificationAgain(SSLParameters parameters) {
        return "".equals(parameters.getEndpointIdentificationAlgorithm())
                && delegate.getSSLParameters().getEndpointIdentificationAlgorithm() == null;
    }

    @Override
    public @Nullable String getApplicationProtocol() {
        return delegate.getApplicationProtocol();
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return delegate.getHandshakeApplicationProtocol();
    }

    @Override
    public final void setHandshakeApplicationProtocolSelector(
            @Nullable BiFunction<SSLEngine, List<String>, String> chosen) {
        selector = chosen;
        // The server knows this engine, not the one behind it.
        delegate.setHandshakeApplicationProtocolSelector(
                chosen == null ? null : (engine, protocols) -> chosen.apply(this, protocols));
    }

    @Override
    public final @Nullable BiFunction<SSLEngine, List<String>, String> getHandshakeApplicationProtocolSelector() {
        return selector;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + delegate + "]";
    }
}
