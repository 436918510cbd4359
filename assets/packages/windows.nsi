; The installer for Windows, for one user, without administrator's rights. Compiled with
; makensis; the installer that came of it has NOT BEEN TRIED on any Windows.
;
;     cargo build --profile dist --target x86_64-pc-windows-gnu
;     .ci/licences --text target/package/licences.txt
;     makensis -DVERSION=0.1.0 -DPROGRAM=target/x86_64-pc-windows-gnu/dist/pagesieve.exe \
;         -DLICENCES=target/package/licences.txt -NOCD assets/packages/windows.nsi
;
; Paths are from the top of the repository. What the user has worked on stays when it is
; removed; .github/SECURITY.md says where that is.

Unicode true
Name "Pagesieve ${VERSION}"
OutFile "target/package/pagesieve-${VERSION}-setup.exe"
InstallDir "$LOCALAPPDATA\Programs\Pagesieve"
RequestExecutionLevel user
SetCompressor /SOLID lzma
Icon "assets/icons/pagesieve.ico"
UninstallIcon "assets/icons/pagesieve.ico"
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Pagesieve"
!define APPLICATION "Software\Classes\Applications\pagesieve.exe"

Section
  SetOutPath "$INSTDIR"
  File "${PROGRAM}"
  File "assets/icons/pagesieve.ico"
  File "/oname=licences.txt" "${LICENCES}"
  File "/oname=SECURITY.md" ".github/SECURITY.md"
  File /r "assets/sample-batch"
  CreateShortcut "$SMPROGRAMS\Pagesieve.lnk" "$INSTDIR\pagesieve.exe" "" "$INSTDIR\pagesieve.ico"

  ; Offered under "Open with"; what opens PDFs usually stays as it is.
  WriteRegStr HKCU "${APPLICATION}" "FriendlyAppName" "Pagesieve"
  WriteRegStr HKCU "${APPLICATION}\DefaultIcon" "" "$INSTDIR\pagesieve.ico"
  WriteRegStr HKCU "${APPLICATION}\shell\open\command" "" '"$INSTDIR\pagesieve.exe" "%1"'
  WriteRegStr HKCU "${APPLICATION}\SupportedTypes" ".pdf" ""
  WriteRegStr HKCU "${APPLICATION}\SupportedTypes" ".zip" ""

  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Pagesieve"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\pagesieve.ico"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  Delete "$INSTDIR\pagesieve.exe"
  Delete "$INSTDIR\pagesieve.ico"
  Delete "$INSTDIR\licences.txt"
  Delete "$INSTDIR\SECURITY.md"
  RMDir /r "$INSTDIR\sample-batch"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Pagesieve.lnk"
  DeleteRegKey HKCU "${APPLICATION}"
  DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd
