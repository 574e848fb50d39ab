/** PEM, DER and text forms shared by the packages of this module. Not exported, never in a public signature. */
@NullMarked
package org.autotls.internal;

import org.jspecify.annotations.NullMarked;
