/** Endpoints for Netty, on BoringSSL where it is available. */
@NullMarked
package org.autotls.netty;

import org.jspecify.annotations.NullMarked;
