; The installer for Windows: for one user, without administrator rights.
;
;   setup.exe /S            installs without a question
;   setup.exe /S /D=FOLDER  into this folder (last, without quotes even if it has blanks)
;   uninstall.exe /S        removes the program, keeps models and settings
;   uninstall.exe /S /PURGE removes them as well
;
; Defined by build.py: VERSION, STAGE, TARGET, KILOBYTES, QUICK

; What Python writes beside its sources when they are compiled.
!define COMPILED_KILOBYTES 100000
!define /math INSTALLED_KILOBYTES ${KILOBYTES} + ${COMPILED_KILOBYTES}

Unicode true
!ifdef QUICK
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
  SetCompressorDictSize 64
!endif

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include nsDialogs.nsh

Name "AtomSegNet"
OutFile "${TARGET}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\AtomSegNet"
InstallDirRegKey HKCU "Software\AtomSegNet" "InstallLocation"
BrandingText "AtomSegNet ${VERSION}"
ManifestDPIAware true
ShowInstDetails nevershow
ShowUninstDetails nevershow

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\AtomSegNet"
!define CLASSES "Software\Classes"
!define PROGID "AtomSegNet.Micrograph"

!define MUI_ICON "${STAGE}\atomsegnet.ico"
!define MUI_UNICON "${STAGE}\atomsegnet.ico"
!define MUI_ABORTWARNING
!define MUI_WELCOMEPAGE_TITLE "AtomSegNet ${VERSION}"
!define MUI_WELCOMEPAGE_TEXT "AtomSegNet finds, restores and measures atomic columns in ADF-STEM micrographs.$\r$\n$\r$\nIt is installed for you alone: no administrator rights are needed, and no network. Everything it needs, Python included, comes with it.$\r$\n$\r$\n$_CLICK"
!define MUI_FINISHPAGE_RUN "$INSTDIR\AtomSegNet.exe"
!define MUI_FINISHPAGE_RUN_PARAMETERS "--sample"
!define MUI_FINISHPAGE_RUN_TEXT "Open AtomSegNet with a sample micrograph"
!define MUI_FINISHPAGE_SHOWREADME ""
!define MUI_FINISHPAGE_SHOWREADME_TEXT "Put a shortcut on the desktop"
!define MUI_FINISHPAGE_SHOWREADME_FUNCTION DesktopShortcut

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${STAGE}\LICENSE.txt"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
UninstPage custom un.AskPage un.AskLeave
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "AtomSegNet"
VIAddVersionKey "FileDescription" "Installer of AtomSegNet"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "GPL-3.0-or-later"

Var Purge
Var PurgeBox

; ---- what the program is to Windows ----

!macro OpenWith SUFFIX
  WriteRegStr HKCU "${CLASSES}\.${SUFFIX}\OpenWithProgids" "${PROGID}" ""
  WriteRegStr HKCU "${CLASSES}\Applications\AtomSegNet.exe\SupportedTypes" ".${SUFFIX}" ""
!macroend

!macro NoOpenWith SUFFIX
  DeleteRegValue HKCU "${CLASSES}\.${SUFFIX}\OpenWithProgids" "${PROGID}"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.${SUFFIX}\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.${SUFFIX}"
!macroend

!macro EachSuffix MACRO
  !insertmacro ${MACRO} "dm3"
  !insertmacro ${MACRO} "dm4"
  !insertmacro ${MACRO} "emd"
  !insertmacro ${MACRO} "emi"
  !insertmacro ${MACRO} "ser"
  !insertmacro ${MACRO} "mrc"
  !insertmacro ${MACRO} "tif"
  !insertmacro ${MACRO} "tiff"
!macroend

; Explorer shows new icons and entries of Open with at once (SHCNE_ASSOCCHANGED).
!macro TellExplorer
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend

; Removes what an installation put into $INSTDIR, and nothing that somebody else put there.
!macro RemoveProgram
  RMDir /r "$INSTDIR\runtime"
  RMDir /r "$INSTDIR\bin"
  Delete "$INSTDIR\AtomSegNet.exe"
  Delete "$INSTDIR\atomsegnet.ico"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\THIRD_PARTY.txt"
!macroend

; A running program keeps its library from being renamed.
!macro RefuseIfRunning UN
Function ${UN}RefuseIfRunning
  again:
  ${IfNot} ${FileExists} "$INSTDIR\runtime\python311.dll"
    Return
  ${EndIf}
  ClearErrors
  Rename "$INSTDIR\runtime\python311.dll" "$INSTDIR\runtime\python311.dll.try"
  ${If} ${Errors}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "AtomSegNet is running. Close it, then try again." /SD IDCANCEL IDRETRY again
    SetErrorLevel 2
    Quit
  ${EndIf}
  Rename "$INSTDIR\runtime\python311.dll.try" "$INSTDIR\runtime\python311.dll"
FunctionEnd
!macroend
!insertmacro RefuseIfRunning ""
!insertmacro RefuseIfRunning "un."

; ---- installing ----

Section "AtomSegNet"
  AddSize ${COMPILED_KILOBYTES}
  Call RefuseIfRunning
  ; An older version goes first, so that none of its files stays.
  ${If} ${FileExists} "$INSTDIR\AtomSegNet.exe"
    !insertmacro RemoveProgram
  ${EndIf}
  ReadRegStr $0 HKCU "Software\AtomSegNet" "InstallLocation"
  ${If} $0 != ""
  ${AndIf} $0 != $INSTDIR
  ${AndIf} ${FileExists} "$0\uninstall.exe"
    ExecWait '"$0\uninstall.exe" /S _?=$0'
    Delete "$0\uninstall.exe"
    RMDir "$0"
  ${EndIf}
  ClearErrors
  SetOutPath "$INSTDIR"
  File /r "${STAGE}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  ${If} ${Errors}
    MessageBox MB_OK|MB_ICONSTOP "AtomSegNet could not be written to $INSTDIR." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}

  ; Compiled here and not before, so that the setup is smaller; what is hardly ever imported is left
  ; to Python. Where it fails, the first start takes longer.
  DetailPrint "Preparing the first start"
  nsExec::Exec '"$INSTDIR\runtime\python.exe" -m compileall -q -j 0 --invalidation-mode unchecked-hash -x "[\\/](sympy|mpmath|networkx|fontTools|pip|torch[\\/](_inductor|_dynamo|onnx))[\\/]" "$INSTDIR\runtime\Lib\site-packages"'
  Pop $0

  CreateShortcut "$SMPROGRAMS\AtomSegNet.lnk" "$INSTDIR\AtomSegNet.exe" "" "$INSTDIR\atomsegnet.ico"
  ${If} ${Silent}
    Call DesktopShortcut
  ${EndIf}

  WriteRegStr HKCU "Software\AtomSegNet" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "AtomSegNet"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\atomsegnet.ico"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "The AtomSegNet developers"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" ${INSTALLED_KILOBYTES}
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1

  WriteRegStr HKCU "${CLASSES}\${PROGID}" "" "Micrograph"
  WriteRegStr HKCU "${CLASSES}\${PROGID}\DefaultIcon" "" "$INSTDIR\atomsegnet.ico"
  WriteRegStr HKCU "${CLASSES}\${PROGID}\shell\open" "FriendlyAppName" "AtomSegNet"
  WriteRegStr HKCU "${CLASSES}\${PROGID}\shell\open\command" "" '"$INSTDIR\AtomSegNet.exe" "%1"'
  WriteRegStr HKCU "${CLASSES}\Applications\AtomSegNet.exe" "FriendlyAppName" "AtomSegNet"
  WriteRegStr HKCU "${CLASSES}\Applications\AtomSegNet.exe\shell\open\command" "" '"$INSTDIR\AtomSegNet.exe" "%1"'
  !insertmacro EachSuffix OpenWith
  !insertmacro TellExplorer
SectionEnd

Function DesktopShortcut
  CreateShortcut "$DESKTOP\AtomSegNet.lnk" "$INSTDIR\AtomSegNet.exe" "" "$INSTDIR\atomsegnet.ico"
FunctionEnd

; ---- removing ----

Function un.onInit
  StrCpy $Purge 0
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/PURGE" $1
  ${IfNot} ${Errors}
    StrCpy $Purge 1
  ${EndIf}
FunctionEnd

Function un.AskPage
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 0 100% 24u "Your own models, training runs and settings lie in $LOCALAPPDATA\AtomSegNet. They are kept, so that another version finds them."
  Pop $0
  ${NSD_CreateCheckbox} 0 32u 100% 12u "Remove my models, training runs and settings as well"
  Pop $PurgeBox
  nsDialogs::Show
FunctionEnd

Function un.AskLeave
  ${NSD_GetState} $PurgeBox $Purge
FunctionEnd

Section "Uninstall"
  Call un.RefuseIfRunning
  !insertmacro RemoveProgram
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\AtomSegNet.lnk"
  Delete "$DESKTOP\AtomSegNet.lnk"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  DeleteRegKey HKCU "Software\AtomSegNet"
  DeleteRegKey HKCU "${CLASSES}\${PROGID}"
  DeleteRegKey HKCU "${CLASSES}\Applications\AtomSegNet.exe"
  DeleteRegKey /ifempty HKCU "${CLASSES}\Applications"
  !insertmacro EachSuffix NoOpenWith
  !insertmacro TellExplorer
  RMDir /r "$LOCALAPPDATA\AtomSegNet\Logs"
  RMDir /r "$LOCALAPPDATA\AtomSegNet\Cache"
  ${If} $Purge == 1
    RMDir /r "$LOCALAPPDATA\AtomSegNet"
  ${Else}
    RMDir "$LOCALAPPDATA\AtomSegNet"
  ${EndIf}
SectionEnd
