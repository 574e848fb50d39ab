/** Conscrypt's engine (BoringSSL) under {@link org.autotls.tls.AutoTlsContext}. */
@NullMarked
package org.autotls.conscrypt;

import org.jspecify.annotations.NullMarked;
